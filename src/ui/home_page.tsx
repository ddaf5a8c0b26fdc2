import { DefinitionList, PageTitle, TextLink } from "./components.tsx";
import { fill } from "../language/fill.tsx";
import { brandName, type Frame, Layout } from "./layout.tsx";
import type { Strings } from "../language/strings/en.ts";
import { strings } from "../language/languages.ts";

export interface DevelopmentHome {
  readonly demoUrl: string;
  /** The page with the mails that are not sent. */
  readonly mailUrl: string;
  /** The passwords of users created for development, as in the log. */
  readonly people: readonly {
    readonly username: string;
    readonly password: { readonly kind: "known"; readonly text: string } | {
      readonly kind: "none" | "changed";
    };
  }[];
}

export interface HomePageProps {
  readonly frame: Frame;
  readonly issuer: string;
  /** Only in development. */
  readonly development?: DevelopmentHome;
  /**
   * In production without an administrator: says where to find the setup link. The link itself is never
   * shown.
   */
  readonly needsSetup?: boolean;
}

/** Says what this server is. */
export function HomePage(props: HomePageProps) {
  const t = strings(props.frame.language).home;
  const title = fill(t.title, { brand: brandName(props.frame) });
  const discovery = `${props.issuer.replace(/\/$/, "")}/.well-known/openid-configuration`;
  return (
    <Layout {...props.frame} title={title}>
      <PageTitle>{title}</PageTitle>
      <p>{t.lead}</p>
      <p>
        <TextLink label={t.accountLink} href="/account" />
      </p>
      {props.needsSetup && (
        <section class="notice notice-info" aria-labelledby="setup">
          <h2 class="notice-title" id="setup">{t.setupTitle}</h2>
          <p>{t.setupLead}</p>
        </section>
      )}
      {props.development && <Development {...props.development} t={t} />}
      <DefinitionList
        items={[
          { name: t.issuer, value: <code>{props.issuer}</code> },
          { name: t.discovery, value: <a href={discovery}>openid-configuration</a> },
        ]}
      />
    </Layout>
  );
}

function Development(props: DevelopmentHome & { t: Strings["home"] }) {
  const { t } = props;
  return (
    <>
      <h2>{t.tryTitle}</h2>
      <p>{t.tryLead}</p>
      <p>
        <a class="button button-primary" href={props.demoUrl}>{t.tryLink}</a>
      </p>
      <p class="hint">
        <TextLink label={t.mailLink} href={props.mailUrl} />
      </p>
      {props.people.length > 0 && (
        <>
          <h2>{t.peopleTitle}</h2>
          <p class="hint">{t.peopleLead}</p>
          <DefinitionList
            items={props.people.map((person) => ({
              name: person.username,
              value: person.password.kind === "known"
                ? <code>{person.password.text}</code>
                : t.passwords[person.password.kind],
            }))}
          />
        </>
      )}
    </>
  );
}
