import { Button, HiddenFields, PageTitle, TextLink } from "./components.tsx";
import { ClientLogo, fill, Filled, Name } from "../language/fill.tsx";
import { type Frame, Layout } from "./layout.tsx";
import { strings } from "../language/languages.ts";

export interface NoAccessPageProps {
  readonly frame: Frame;
  readonly action: string;
  /** The form token, and what names the request. */
  readonly fields: Readonly<Record<string, string>>;
  readonly client: { readonly name: string; readonly logoUrl?: string };
  readonly person: { readonly name: string };
  /** Where another account can sign in. */
  readonly otherAccountUrl: string;
}

/** Tells a user that they may not use a client. Posts `decision` (deny), which tells the client. */
export function NoAccessPage(props: NoAccessPageProps) {
  const t = strings(props.frame.language).noAccess;
  const client = <Name>{props.client.name}</Name>;
  return (
    <Layout {...props.frame} title={fill(t.documentTitle, { client: props.client.name })}>
      <PageTitle
        above={props.client.logoUrl && <ClientLogo url={props.client.logoUrl} />}
        lead={<Filled text={t.signedInAs} values={{ name: <Name>{props.person.name}</Name> }} />}
      >
        <Filled text={t.title} values={{ client: <bdi>{props.client.name}</bdi> }} />
      </PageTitle>
      <p>
        <Filled text={t.why} values={{ client }} />
      </p>
      <form method="post" action={props.action}>
        <HiddenFields fields={props.fields} />
        <Button id="no-access-back" name="decision" value="deny">
          {fill(t.back, { client: props.client.name })}
        </Button>
      </form>
      <p>
        <TextLink label={t.otherAccount} href={props.otherAccountUrl} />
      </p>
    </Layout>
  );
}
