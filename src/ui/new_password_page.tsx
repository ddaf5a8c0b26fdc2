import { Button, ErrorSummary, HiddenFields, PageTitle } from "./components.tsx";
import { type Frame, Layout } from "./layout.tsx";
import type { PasskeyNotMade } from "./new_account_form.tsx";
import { Divider } from "./other_ways.tsx";
import { PasskeyButton, PasskeyForm } from "./passkeys/passkey_block.tsx";
import { NewPasswordFields, PasswordOwner } from "./secret_fields.tsx";
import type { Strings } from "../language/strings/en.ts";
import { strings } from "../language/languages.ts";
import { interactionUrl } from "../interactions/interaction_url.ts";
import { WaysOn } from "./ways_on.tsx";

/** An error of the form. */
export type NewPasswordError = keyof Strings["newPassword"]["errors"] | PasskeyNotMade;

export interface NewPasswordPageProps {
  readonly frame: Frame;
  readonly action: string;
  /** The token of the link that opened the page. */
  readonly token: string;
  readonly formToken: string;
  readonly username: string;
  readonly error: NewPasswordError | null;
  /** The script for passkeys. Left out if a passkey would bypass the second factor. */
  readonly passkeyScriptUrl?: string;
}

/**
 * Asks for a new password, or for a passkey in its place. Posts `token` and `form_token`, with them
 * `password` and `password_repeat`, or `way=passkey` and `credential`.
 */
export function NewPasswordPage(props: NewPasswordPageProps) {
  const { newPassword: t, passkeys, common } = strings(props.frame.language);
  const { frame, action, error } = props;
  const field = fieldOf(error);
  const texts = { ...passkeys.account.errors, ...t.errors };
  const errorOf = (name: string) => error && field === name ? { error: texts[error] } : {};
  const sent = { token: props.token, form_token: props.formToken };
  return (
    <Layout {...frame} title={t.title}>
      <PageTitle lead={t.lead}>{t.title}</PageTitle>
      {error && (
        <ErrorSummary
          title={common.errorSummary}
          errors={[{ ...(field ? { field } : {}), message: texts[error] }]}
        />
      )}
      {props.passkeyScriptUrl && (
        <PasskeyForm
          frame={frame}
          scriptUrl={props.passkeyScriptUrl}
          action={action}
          fields={{ ...sent, way: "passkey" }}
          at="registration"
        />
      )}
      <form method="post" action={action}>
        <HiddenFields fields={sent} />
        <PasswordOwner label={t.username} username={props.username} />
        <NewPasswordFields texts={t} errorOf={errorOf} autofocus={error === null} />
        <Button id="new-password-submit">{t.submit}</Button>
      </form>
      {props.passkeyScriptUrl && (
        <PasskeyButton
          optionsUrl={`${action}/passkey/options`}
          ceremony="registration"
          label={t.passkey}
          kind="secondary"
          intro={<Divider>{common.or}</Divider>}
        >
          <p class="hint">{t.passkeyHint}</p>
        </PasskeyButton>
      )}
    </Layout>
  );
}

function fieldOf(error: NewPasswordError | null): string | undefined {
  switch (error) {
    case "password":
    case "password_common":
    case "password_same":
      return "password";
    case "password_repeat":
      return "password_repeat";
    default:
      return undefined;
  }
}

/** The last page. It leads on to the application that waits, or to the account. */
export function PasswordChangedPage(props: {
  readonly frame: Frame;
  readonly passkey?: boolean;
  /** The request that waits for a sign-in; null: none. */
  readonly interactionId: string | null;
}) {
  const { interactionId } = props;
  const href = interactionId === null
    ? "/account"
    : interactionUrl("/authorize/resume", interactionId);
  const { newPassword: t, error } = strings(props.frame.language);
  const title = props.passkey ? t.passkeyDoneTitle : t.doneTitle;
  return (
    <Layout {...props.frame} title={title}>
      <PageTitle>{title}</PageTitle>
      <p>{props.passkey ? t.passkeyDone : t.done}</p>
      <WaysOn ways={[{ label: error.ways.signIn, href }]} />
    </Layout>
  );
}
