import { Button, errorSummaryId, Field, HiddenFields, TextLink } from "./components.tsx";
import type { LoginPageProps } from "./login_page_props.ts";
import { ButtonLink, Divider } from "./other_ways.tsx";
import { PasskeyButton, PasskeyForm } from "./passkeys/passkey_block.tsx";
import { strings } from "../language/languages.ts";
import { interactionUrl } from "../interactions/interaction_url.ts";

type WaysInProps = LoginPageProps & {
  /** Whether another element of the page comes first. */
  readonly kind: "primary" | "secondary";
};

/** A password field, and below it the alternatives: a passkey if there is a script for it, or a mail. */
export function WaysIn(props: WaysInProps) {
  const { passkeys, login, common } = strings(props.frame.language);
  const { passkeyScriptUrl, mailSignInUrl, interactionId, formToken } = props;
  const divider = <Divider>{common.or}</Divider>;
  return (
    <>
      {passkeyScriptUrl && (
        <PasskeyForm
          frame={props.frame}
          scriptUrl={passkeyScriptUrl}
          action={interactionUrl(`${props.action}/passkey`, interactionId)}
          fields={{ interaction: interactionId, form_token: formToken }}
        />
      )}
      <PasswordForm {...props} />
      {mailSignInUrl && divider}
      {passkeyScriptUrl && (
        <PasskeyButton
          optionsUrl={`${props.action}/passkey/options`}
          ceremony="suggested"
          label={passkeys.signIn}
          kind="secondary"
          {
            // Without a script there is nothing to divide.
            ...(mailSignInUrl ? {} : { intro: divider })
          }
        />
      )}
      {mailSignInUrl && <ButtonLink href={mailSignInUrl}>{login.byMail}</ButtonLink>}
    </>
  );
}

function PasswordForm(props: WaysInProps) {
  const t = strings(props.frame.language).login;
  const fixed = props.reauthenticate ?? false;
  // An error gets the focus, and an element in a closed disclosure cannot get it.
  const focus = props.error === undefined &&
    (fixed || props.wantsAnother === true || props.currentUser === undefined);
  const nameKnown = Boolean(props.username);
  // One error for two fields: the page must not reveal which of them is wrong.
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
        // Read-only, not hidden: a password manager must see whose password this is.
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
      {props.passwordResetUrl && (
        <p class="field-link">
          <TextLink label={t.forgotten} href={props.passwordResetUrl} />
        </p>
      )}
      <Button id="login-submit" kind={props.kind}>{t.submit}</Button>
    </form>
  );
}

/** The hidden fields of each form: the interaction, the form token, and the language of the page. */
export function InteractionFields(
  { interactionId, formToken, frame: { language } }: Pick<
    LoginPageProps,
    "interactionId" | "formToken" | "frame"
  >,
) {
  return <HiddenFields fields={{ interaction: interactionId, form_token: formToken, language }} />;
}
