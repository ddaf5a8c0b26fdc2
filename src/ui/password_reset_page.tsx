import { Button, TextLink } from "./components.tsx";
import type { Frame } from "./layout.tsx";
import { strings } from "../language/languages.ts";
import { interactionUrl } from "../interactions/interaction_url.ts";
import { MailRequestPage, MailSentNotice } from "./mail_request.tsx";

export interface PasswordResetPageProps {
  readonly frame: Frame;
  readonly action: string;
  readonly formToken: string;
  /** The request that goes on with the new password; null: none. */
  readonly interactionId: string | null;
  /** The name to fill in. */
  readonly username?: string;
  /** Whether the form was sent empty. */
  readonly missing?: boolean;
}

/** Asks for the username or address of a forgotten password. Posts `username` and `form_token`. */
export function PasswordResetPage(props: PasswordResetPageProps) {
  const { frame, action, formToken, interactionId, username, missing } = props;
  const { passwordReset: t, signInHelp } = strings(frame.language);
  return (
    <MailRequestPage
      frame={frame}
      title={t.title}
      lead={t.lead}
      action={action}
      fields={{
        form_token: formToken,
        ...(interactionId === null ? {} : { interaction: interactionId }),
      }}
      field={{ kind: "username", name: "username", label: t.username, value: username }}
      error={missing ? t.missing : undefined}
      isWaiting={interactionId !== null}
      buttons={<Button id="password-reset-submit">{t.submit}</Button>}
    >
      {interactionId !== null && (
        <p class="hint">
          <TextLink label={signInHelp.back} href={interactionUrl("/login", interactionId)} />
        </p>
      )}
    </MailRequestPage>
  );
}

export function PasswordResetSentPage(
  { frame, interactionId }: Pick<PasswordResetPageProps, "frame" | "interactionId">,
) {
  const { passwordReset } = strings(frame.language);
  return (
    <MailSentNotice
      frame={frame}
      texts={passwordReset}
      againUrl={interactionUrl("/password-reset", interactionId)}
      isWaiting={interactionId !== null}
    />
  );
}
