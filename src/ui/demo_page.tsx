import { Button, Card, CodeBlock, HiddenFields, Notice, PageTitle } from "./components.tsx";
import { DemoExchanges, type HttpExchange } from "./demo_exchanges.tsx";
import { Filled, Name } from "../language/fill.tsx";
import { type Frame, Layout } from "./layout.tsx";
import type { Strings } from "../language/strings/en.ts";
import { strings } from "../language/languages.ts";

/** A JSON value, printed as it is. */
export type Json = string | number | boolean | null | readonly Json[] | {
  readonly [member: string]: Json | undefined;
};

export interface DecodedJwt {
  readonly encoded: string;
  readonly header: Json;
  readonly payload: Json;
}

/** The tokens and claims that the demo has of the signed-in user. */
export interface DemoSession {
  readonly name: string;
  readonly idToken: DecodedJwt;
  readonly accessToken: string;
  /** Present if the access token is an `at+jwt`. */
  readonly decodedAccessToken?: DecodedJwt;
  readonly refreshToken?: string;
  readonly userinfo?: Json;
}

export interface DemoPageProps {
  readonly frame: Frame;
  readonly formToken: string;
  /** The URL of the demo. Its forms are posted to `${base}/sign-in`, `/refresh` and so on. */
  readonly base: string;
  /** Absent: nobody is signed in. */
  readonly session?: DemoSession;
  /** In the order of time. */
  readonly exchanges: readonly HttpExchange[];
  /** The result of the last button, or an authorization error. */
  readonly notice?: { readonly kind: "info" | "error"; readonly message: string };
}

/**
 * The demo relying party, for development: what it sent, what it received, and what it knows.
 *
 * Posts `form_token` to `sign-in`, `refresh`, `introspect`, `revoke` and `sign-out` under `base`.
 */
export function DemoPage(props: DemoPageProps) {
  const t = strings(props.frame.language).demo;
  return (
    <Layout {...props.frame} title={t.title} wide>
      <PageTitle lead={t.lead}>{t.title}</PageTitle>
      {props.notice && (
        <Notice kind={props.notice.kind}>
          <p>{props.notice.message}</p>
        </Notice>
      )}
      {props.session
        ? <SignedIn {...props} session={props.session} t={t} />
        : (
          <Card id="sign-in" title={t.signedOutTitle}>
            <p>{t.signedOutLead}</p>
            <form method="post" action={`${props.base}/sign-in`}>
              <HiddenFields fields={{ form_token: props.formToken }} />
              <Button id="demo-sign-in">{t.signIn}</Button>
            </form>
          </Card>
        )}
      <DemoExchanges exchanges={props.exchanges} t={t} />
    </Layout>
  );
}

type SignedInProps = DemoPageProps & { readonly session: DemoSession; readonly t: Strings["demo"] };

function SignedIn(props: SignedInProps) {
  const { session, t, base } = props;
  return (
    <>
      <div class="bar">
        <p id="demo-person">
          <Filled text={t.signedInAs} values={{ name: <Name>{session.name}</Name> }} />
        </p>
        <form method="post" action={`${base}/refresh`} class="actions" aria-label={t.actions}>
          <HiddenFields fields={{ form_token: props.formToken }} />
          {session.refreshToken && <Button id="demo-refresh">{t.refresh}</Button>}
          <Button id="demo-introspect" kind="secondary" formAction={`${base}/introspect`}>
            {t.introspect}
          </Button>
          <Button id="demo-revoke" kind="danger" formAction={`${base}/revoke`}>{t.revoke}</Button>
          <Button id="demo-sign-out" kind="secondary" formAction={`${base}/sign-out`}>
            {t.signOut}
          </Button>
        </form>
      </div>
      <div class="columns">
        <Card id="id-token" title={t.idToken}>
          <Jwt jwt={session.idToken} t={t} />
        </Card>
        <div class="column">
          <Card id="access-token" title={t.accessToken}>
            {session.decodedAccessToken
              ? <Jwt jwt={session.decodedAccessToken} t={t} />
              : <CodeBlock>{session.accessToken}</CodeBlock>}
          </Card>
          <Card id="refresh-token" title={t.refreshToken}>
            <CodeBlock>{session.refreshToken ?? t.none}</CodeBlock>
          </Card>
          {session.userinfo !== undefined && (
            <Card id="userinfo" title={t.userinfo}>
              <CodeBlock>{printed(session.userinfo)}</CodeBlock>
            </Card>
          )}
        </div>
      </div>
    </>
  );
}

/**
 * The three parts have the same colours in the encoded and in the decoded form, so that readers can
 * match them.
 */
function Jwt({ jwt, t }: { jwt: DecodedJwt; t: Strings["demo"] }) {
  const parts = jwt.encoded.split(".");
  return (
    <>
      <h3 class="label jwt-0">{t.header}</h3>
      <CodeBlock>{printed(jwt.header)}</CodeBlock>
      <h3 class="label jwt-1">{t.payload}</h3>
      <CodeBlock>{printed(jwt.payload)}</CodeBlock>
      <h3 class="label">{t.encoded}</h3>
      <CodeBlock>
        {parts.map((part, i) => (
          <>
            {i > 0 && "."}
            <span class={`jwt-${i}`}>{part}</span>
          </>
        ))}
      </CodeBlock>
    </>
  );
}

function printed(value: Json): string {
  return JSON.stringify(value, null, 2);
}
