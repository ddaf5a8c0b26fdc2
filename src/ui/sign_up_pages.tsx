import { Button, TextLink } from "./components.tsx";
import type { Frame } from "./layout.tsx";
import { strings } from "../language/languages.ts";
import { interactionUrl } from "../interactions/interaction_url.ts";
import { MailRequestPage, MailSentNotice } from "./mail_request.tsx";

export interface SignUpPageProps {
  readonly frame: Frame;
  /** The request that continues with the new account; null: none. */
  readonly interactionId: string | null;
  readonly formToken: string;
  readonly email?: string;
  readonly invalid?: boolean;
}

/** Asks for the address of a new account. Posts `email`, `form_token` and perhaps `interaction`. */
export function SignUpPage({ frame, interactionId, formToken, email, invalid }: SignUpPageProps) {
  const { signUp: t } = strings(frame.language);
  return (
    <MailRequestPage
      frame={frame}
      title={t.title}
      explain={t.explain}
      action="/sign-up"
      fields={{
        form_token: formToken,
        ...(interactionId === null ? {} : { interaction: interactionId }),
      }}
      field={{ kind: "email", name: "email", label: t.email, value: email }}
      error={invalid ? t.invalid : undefined}
      isWaiting={interactionId !== null}
      buttons={<Button id="sign-up-submit">{t.submit}</Button>}
    >
      {interactionId !== null && (
        <p class="hint">
          <TextLink label={t.haveAccount} href={interactionUrl("/login", interactionId)} />
        </p>
      )}
    </MailRequestPage>
  );
}

export function SignUpSentPage(
  { frame, interactionId }: Pick<SignUpPageProps, "frame" | "interactionId">,
) {
  return (
    <MailSentNotice
      frame={frame}
      texts={strings(frame.language).signUp}
      againUrl={interactionUrl("/sign-up", interactionId)}
      isWaiting={interactionId !== null}
    />
  );
}
