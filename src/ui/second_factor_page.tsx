import { Button, ErrorSummary, Field, HiddenFields, PageTitle, TextLink } from "./components.tsx";
import { Name } from "../language/fill.tsx";
import { type Frame, Layout } from "./layout.tsx";
import { ButtonLink, Divider } from "./other_ways.tsx";
import { PasskeyBlock } from "./passkeys/passkey_block.tsx";
import type { PasskeyError } from "./passkeys/step_page.tsx";
import { CodeField } from "./secret_fields.tsx";
import type { Strings } from "../language/strings/en.ts";
import { waitingScript } from "./waiting.ts";
import { strings } from "../language/languages.ts";
import { interactionUrl } from "../interactions/interaction_url.ts";

export type SecondFactorError = keyof Strings["secondFactor"]["errors"];

export interface SecondFactorPageProps {
  readonly frame: Frame;
  readonly action: string;
  readonly interactionId: string;
  readonly formToken: string;
  /** The user who signs in. */
  readonly username: string;
  readonly kind: "app" | "recovery_code";
  /** This page for the other kind of code; null: there is only this kind. */
  readonly otherKindUrl: string | null;
  /** The page for another user; null: the user is signed in, and must sign out first. */
  readonly restartAction: string | null;
  /** The script for passkeys. Left out if the user has none. */
  readonly passkeyScriptUrl?: string;
  readonly error?: SecondFactorError | PasskeyError;
}

/**
 * Asks for the second factor, or for a passkey, which counts as both factors.
 *
 * Posts `code`, `with` (`app` or `recovery-code`), `interaction` and `form_token`.
 */
export function SecondFactorPage(props: SecondFactorPageProps) {
  const { secondFactor: t, passkeys, common } = strings(props.frame.language);
  const { error, kind } = props;
  const byApp = kind === "app";
  const message = error && { ...t.errors, ...passkeys.refused }[error];
  const fieldError = error && isAboutCode(error) ? t.errors[error] : undefined;
  const own = { interaction: props.interactionId, form_token: props.formToken };
  const field = {
    autofocus: error === undefined,
    ...(fieldError === undefined ? {} : { error: fieldError }),
  };
  return (
    <Layout {...props.frame} title={t.title} {...waitingScript(props.frame, error === undefined)}>
      <PageTitle lead={<Name>{props.username}</Name>}>{t.title}</PageTitle>
      {message && (
        <ErrorSummary
          title={common.errorSummary}
          errors={[fieldError ? { message, field: "code" } : { message }]}
        />
      )}
      <p>{byApp ? t.lead : t.recoveryLead}</p>
      <form method="post" action={props.action}>
        <HiddenFields fields={{ ...own, with: byApp ? "app" : "recovery-code" }} />
        {byApp
          ? <CodeField label={t.code} hint={t.codeHint} {...field} />
          : <Field label={t.recoveryCode} name="code" autocomplete="off" required {...field} />}
        <Button id="second-factor-submit">{t.submit}</Button>
      </form>
      <Divider>{common.or}</Divider>
      {props.passkeyScriptUrl && (
        <PasskeyBlock
          frame={props.frame}
          scriptUrl={props.passkeyScriptUrl}
          action={interactionUrl("/login/passkey", props.interactionId)}
          optionsUrl="/login/passkey/options"
          fields={own}
          ceremony="sign_in"
          label={t.usePasskey}
          kind="secondary"
        />
      )}
      {props.otherKindUrl && (
        <ButtonLink href={props.otherKindUrl}>{byApp ? t.useRecoveryCode : t.useApp}</ButtonLink>
      )}
      {props.restartAction === null
        ? <TextLink label={t.signOut} href="/logout" />
        : (
          <form method="post" action={props.restartAction}>
            <HiddenFields fields={own} />
            <Button id="second-factor-restart" kind="quiet">{t.restart}</Button>
          </form>
        )}
      {!byApp && props.otherKindUrl && <p class="hint">{t.noneLeft}</p>}
    </Layout>
  );
}

type CodeError = Exclude<SecondFactorError, "too_many_attempts">;

function isAboutCode(error: SecondFactorError | PasskeyError): error is CodeError {
  return error === "missing" || error === "wrong_code" || error === "wrong_recovery_code";
}
