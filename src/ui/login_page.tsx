import {
  Button,
  Disclosure,
  ErrorSummary,
  errorSummaryId,
  Field,
  HiddenFields,
  PageTitle,
  TextLink,
} from "./components.tsx";
import { ClientName, fill, Filled } from "./fill.tsx";
import { type Frame, Layout } from "./layout.tsx";
import type { Strings } from "./strings/en.ts";
import { strings } from "./strings/languages.ts";

export type LoginError = keyof Strings["login"]["errors"];

export interface LoginPageProps {
  readonly frame: Frame;
  /** Where the form is posted. */
  readonly action: string;
  readonly interactionId: string;
  readonly formToken: string;
  readonly clientName: string;
  /** Of our own origin. */
  readonly clientLogoUrl?: string;
  /** What was typed before, or the client's `login_hint`. */
  readonly username?: string;
  readonly error?: LoginError;
  /** Whoever is signed in: "Continue as" first, the form behind "Use another account". */
  readonly currentPerson?: { readonly name: string };
  /** Where a new password is to be had. */
  readonly passwordResetUrl?: string;
  /** Asks the person of `username` again: the name is shown and can't be changed. */
  readonly reauthenticate?: boolean;
}

/**
 * Asks for username and password.
 *
 * Posts `username`, `password`, `interaction` and `form_token`. "Continue as" posts
 * `choice=continue` instead of the first two.
 */
export function LoginPage(props: LoginPageProps) {
  const t = strings(props.frame.language).login;
  const client = <ClientName name={props.clientName} logoUrl={props.clientLogoUrl} />;
  const title = props.reauthenticate ? t.reauthenticateTitle : t.title;
  const lead = props.reauthenticate ? t.reauthenticateLead : t.lead;
  return (
    <Layout {...props.frame} title={fill(t.documentTitle, { client: props.clientName })}>
      <PageTitle lead={<Filled text={lead} values={{ client }} />}>{title}</PageTitle>
      {props.error && <LoginErrorSummary {...props} error={props.error} />}
      {props.currentPerson && !props.reauthenticate
        ? (
          <>
            <form method="post" action={props.action}>
              <InteractionFields {...props} />
              <Button id="login-continue" name="choice" value="continue">
                <Filled
                  text={t.continueAs}
                  values={{ name: <bdi>{props.currentPerson.name}</bdi> }}
                />
              </Button>
            </form>
            <Disclosure summary={t.anotherAccount} open={props.error !== undefined}>
              <PasswordForm {...props} kind="secondary" />
            </Disclosure>
          </>
        )
        : <PasswordForm {...props} kind="primary" />}
      {props.passwordResetUrl && (
        <p class="hint centred">
          <TextLink label={t.forgotten} href={props.passwordResetUrl} />
        </p>
      )}
    </Layout>
  );
}

function PasswordForm(props: LoginPageProps & { kind: "primary" | "secondary" }) {
  const t = strings(props.frame.language).login;
  const fixed = props.reauthenticate ?? false;
  // An error has the focus; a closed disclosure can't have it.
  const focus = props.error === undefined && (fixed || props.currentPerson === undefined);
  const nameKnown = Boolean(props.username);
  // One error of two fields: which of them is wrong is nobody's business.
  const both = props.error === "wrong_credentials" ? errorSummaryId : undefined;
  return (
    <form method="post" action={props.action}>
      <InteractionFields {...props} />
      <Field
        label={t.username}
        name="username"
        autocomplete="username webauthn"
        value={props.username}
        required
        // Read-only, not hidden: a password manager has to see whose password this is.
        readonly={fixed}
        autofocus={focus && !nameKnown}
        error={props.error === "missing_username" ? t.errors.missing_username : undefined}
        invalidBecause={fixed ? undefined : both}
      />
      <Field
        label={t.password}
        name="password"
        type="password"
        autocomplete="current-password"
        required
        autofocus={focus && nameKnown}
        error={props.error === "missing_password" ? t.errors.missing_password : undefined}
        invalidBecause={both}
      />
      <Button id="login-submit" kind={props.kind}>{t.submit}</Button>
    </form>
  );
}

function LoginErrorSummary(props: LoginPageProps & { error: LoginError }) {
  const t = strings(props.frame.language);
  const message = t.login.errors[props.error];
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
      return undefined; // nothing to correct in a field: waiting, or starting again
  }
}

function InteractionFields(props: { interactionId: string; formToken: string }) {
  return (
    <HiddenFields
      fields={{ interaction: props.interactionId, form_token: props.formToken }}
    />
  );
}
