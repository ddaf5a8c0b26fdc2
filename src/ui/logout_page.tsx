import { Button, HiddenFields, PageTitle } from "./components.tsx";
import { fill, Filled, Name } from "../language/fill.tsx";
import { type Frame, Layout } from "./layout.tsx";
import { strings } from "../language/languages.ts";
import { WaysOn } from "./ways_on.tsx";

export interface LogoutPageProps {
  readonly frame: Frame;
  readonly action: string;
  /** The form token, and the parameters of the request, which are sent again with the answer. */
  readonly fields: Readonly<Record<string, string>>;
  readonly person?: { readonly name: string };
  /** The registered client that asked for it, if there is one. */
  readonly clientName?: string;
}

/** Asks before it ends a session, because any website can link here. */
export function LogoutPage(props: LogoutPageProps) {
  const t = strings(props.frame.language).logout;
  return (
    <Layout {...props.frame} title={t.confirm}>
      <PageTitle
        lead={props.person && (
          <Filled text={t.signedInAs} values={{ name: <Name>{props.person.name}</Name> }} />
        )}
      >
        {t.title}
      </PageTitle>
      {props.clientName && (
        <p>
          <Filled text={t.askedBy} values={{ client: <Name>{props.clientName}</Name> }} />
        </p>
      )}
      <p>{t.explain}</p>
      <form method="post" action={props.action}>
        <HiddenFields fields={props.fields} />
        <Button id="logout-confirm">{t.confirm}</Button>
      </form>
      <p class="hint">{t.stay}</p>
    </Layout>
  );
}

export interface SignedOutPageProps {
  readonly frame: Frame;
  /** A link back. Its URL comes from the client's registration. */
  readonly client?: { readonly name: string; readonly url: string };
}

/** The end of a session. */
export function SignedOutPage(props: SignedOutPageProps) {
  const t = strings(props.frame.language);
  const url = props.client && webUrl(props.client.url);
  return (
    <Layout {...props.frame} title={t.logout.doneTitle}>
      <PageTitle>{t.logout.doneTitle}</PageTitle>
      <p>{t.logout.done}</p>
      <WaysOn ways={[{ label: t.error.ways.signIn, href: "/account" }]} />
      {props.client && url && (
        <p>
          <a class="button button-secondary" href={url} rel="noreferrer">
            {fill(t.common.opensClient, { client: props.client.name })}
          </a>
        </p>
      )}
    </Layout>
  );
}

function webUrl(url: string): string | undefined {
  const parsed = URL.parse(url);
  // A `javascript:` URL would run on our origin.
  return parsed?.protocol === "https:" || parsed?.protocol === "http:" ? parsed.href : undefined;
}
