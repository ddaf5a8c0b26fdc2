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
import { waitingScript } from "./waiting.ts";
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
  const opensOthers = props.error !== undefined || props.wantsAnother === true;
  const title = props.reauthenticate ? t.reauthenticateTitle : t.title;
  return (
    <Layout
      {...props.frame}
      title={clientName === null ? title : fill(t.documentTitle, { client: clientName })}
      {...waitingScript(props.frame, props.error === undefined)}
    >
      <PageTitle lead={leadOf(props, t)}>{title}</PageTitle>
      {props.error && <LoginErrorSummary {...props} error={props.error} />}
      {props.currentUser && !props.reauthenticate
        ? (
          <>
            <form method="post" action={props.action}>
              <InteractionFields {...props} />
              <HiddenFields fields={{ account: props.currentUser.userId }} />
              <Button id="login-continue" name="choice" value="continue">
                <Filled
                  text={t.continueAs}
                  values={{ name: <bdi>{props.currentUser.name}</bdi> }}
                />
              </Button>
            </form>
            <Disclosure summary={t.anotherAccount} open={opensOthers}>
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
