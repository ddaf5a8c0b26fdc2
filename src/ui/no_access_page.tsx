import { Button, HiddenFields } from "./components.tsx";
import { fill, Filled, Name } from "../language/fill.tsx";
import { AnotherAccount } from "./another_account.tsx";
import { ClientTitle } from "./client_title.tsx";
import { type Frame, Layout } from "./layout.tsx";
import { strings } from "../language/languages.ts";

export interface NoAccessPageProps {
  readonly frame: Frame;
  readonly action: string;
  /** The form token, and what names the request. */
  readonly fields: Readonly<Record<string, string>>;
  readonly client: { readonly name: string; readonly logoUrl?: string };
  readonly user: { readonly name: string };
  /** Whether another account of the user could be used instead. */
  readonly hasOtherAccounts: boolean;
  /** What the user lacks: a group, or the sign-in that the client asks for. */
  readonly lacks: "group" | "sign_in";
}

/**
 * Tells a user that they may not use a client. Posts `decision`: deny, which tells the client, or
 * another_account.
 */
export function NoAccessPage(props: NoAccessPageProps) {
  const t = strings(props.frame.language).noAccess;
  const client = <Name>{props.client.name}</Name>;
  return (
    <Layout {...props.frame} title={fill(t.documentTitle, { client: props.client.name })}>
      <ClientTitle
        client={props.client}
        user={props.user}
        title={t.title}
        signedInAs={t.signedInAs}
      />
      <p>
        <Filled text={t.why[props.lacks]} values={{ client }} />
      </p>
      <form method="post" action={props.action}>
        <HiddenFields fields={props.fields} />
        <Button id="no-access-back" name="decision" value="deny">
          {fill(t.back, { client: props.client.name })}
        </Button>
        {props.hasOtherAccounts && <AnotherAccount frame={props.frame} />}
      </form>
    </Layout>
  );
}
