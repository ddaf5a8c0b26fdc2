import type { Strings } from "../language/strings/en.ts";
import {
  Button,
  Disclosure,
  ErrorSummary,
  HiddenFields,
  PageTitle,
  TextLink,
} from "./components.tsx";
import { ClientName, fill, Filled } from "../language/fill.tsx";
import { Layout } from "./layout.tsx";
import { InteractionFields, WaysIn } from "./login_ways.tsx";
import type { LoginPageProps } from "./login_page_props.ts";
import { strings } from "../language/languages.ts";

/**
 * Asks for username and password.
 *
 * Posts `username`, `password`, `interaction` and `form_token`. "Continue as" posts `choice=continue`
 * and `account` (the account that the page showed) instead of the first two.
 */
export function LoginPage(props: LoginPageProps) {
  const t = strings(props.frame.language).login;
  const { clientName } = props;
  const title = props.reauthenticate ? t.reauthenticateTitle : t.title;
  return (
    <Layout
      {...props.frame}
      title={clientName === null ? title : fill(t.documentTitle, { client: clientName })}
      {...(props.frame.nonce && props.error === undefined ? { script: goOnWhenSignedIn } : {})}
    >
      <PageTitle lead={leadOf(props, t)}>{title}</PageTitle>
      {props.error && <LoginErrorSummary {...props} error={props.error} />}
      {props.currentPerson && !props.reauthenticate
        ? (
          <>
            <form method="post" action={props.action}>
              <InteractionFields {...props} />
              <HiddenFields fields={{ account: props.currentPerson.userId }} />
              <Button id="login-continue" name="choice" value="continue">
                <Filled
                  text={t.continueAs}
                  values={{ name: <bdi>{props.currentPerson.name}</bdi> }}
                />
              </Button>
            </form>
            <Disclosure summary={t.anotherAccount} open={props.error !== undefined}>
              <WaysIn {...props} kind="secondary" />
            </Disclosure>
          </>
        )
        : <WaysIn {...props} kind="primary" />}
      {(props.signUpUrl || props.helpUrl) && (
        <p class="other-places">
          {props.signUpUrl && <TextLink label={t.createAccount} href={props.signUpUrl} />}
          {props.helpUrl && <TextLink label={t.help} href={props.helpUrl} />}
        </p>
      )}
    </Layout>
  );
}

// The user may have signed in in another tab. The page then redirects, and this tab continues. Without
// a script, a reload has the same effect.
const goOnWhenSignedIn = `{
const look = async () => {
if (document.visibilityState !== "visible") return;
const answer = await fetch(location.href, { redirect: "manual" }).catch(() => null);
if (answer?.type === "opaqueredirect") location.reload();
};
addEventListener("visibilitychange", look);
addEventListener("focus", look);
addEventListener("pageshow", (event) => event.persisted && look());
}`;

function leadOf(props: LoginPageProps, t: Strings["login"]) {
  const { clientName, clientLogoUrl, reauthenticate } = props;
  if (clientName === null) return reauthenticate ? t.ownReauthenticateLead : t.ownLead;
  const client = <ClientName name={clientName} logoUrl={clientLogoUrl} />;
  return <Filled text={reauthenticate ? t.reauthenticateLead : t.lead} values={{ client }} />;
}

function LoginErrorSummary(
  props: LoginPageProps & { error: NonNullable<LoginPageProps["error"]> },
) {
  const t = strings(props.frame.language);
  const message = { ...t.login.errors, ...t.passkeys.refused }[props.error];
  return (
    <ErrorSummary
      title={t.common.errorSummary}
      errors={[{ message, field: fieldOf(props) }]}
    />
  );
}

function fieldOf({ error, reauthenticate }: LoginPageProps): string | undefined {
  switch (error) {
    case "missing_password":
      return "password";
    case "missing_username":
      return "username";
    case "wrong_credentials":
      return reauthenticate ? "password" : "username";
    default:
      return undefined; // no field can be corrected: the user must wait, or start again
  }
}
