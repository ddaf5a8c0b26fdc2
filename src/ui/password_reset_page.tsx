import { Button } from "./components.tsx";
import type { Frame } from "./layout.tsx";
import { strings } from "../language/languages.ts";
import { MailRequestPage, MailSentNotice } from "./mail_request.tsx";

export interface PasswordResetPageProps {
  readonly frame: Frame;
  readonly action: string;
  readonly formToken: string;
  /** Whether the form was sent empty. */
  readonly missing?: boolean;
}

/** Asks for the username or address of a forgotten password. Posts `username` and `form_token`. */
export function PasswordResetPage({ frame, action, formToken, missing }: PasswordResetPageProps) {
  const { passwordReset: t } = strings(frame.language);
  return (
    <MailRequestPage
      frame={frame}
      title={t.title}
      lead={t.lead}
      action={action}
      fields={{ form_token: formToken }}
      field={{ kind: "username", name: "username", label: t.username }}
      error={missing ? t.missing : undefined}
      buttons={<Button id="password-reset-submit">{t.submit}</Button>}
    />
  );
}

export function PasswordResetSentPage({ frame }: { readonly frame: Frame }) {
  const { passwordReset } = strings(frame.language);
  return <MailSentNotice frame={frame} texts={passwordReset} againUrl="/password-reset" />;
}
