import { Button, ErrorSummary, Field, HiddenFields, PageTitle } from "./components.tsx";
import { type Frame, Layout } from "./layout.tsx";
import { strings } from "../language/languages.ts";
import { WaysOn } from "./ways_on.tsx";

export interface PasswordResetPageProps {
  readonly frame: Frame;
  readonly action: string;
  readonly formToken: string;
  /** Whether the form came back empty. */
  readonly missing?: boolean;
}

/** Asks whose password is forgotten. Posts `username` and `form_token`. */
export function PasswordResetPage(props: PasswordResetPageProps) {
  const { passwordReset: t, common } = strings(props.frame.language);
  const error = props.missing ? t.missing : undefined;
  return (
    <Layout {...props.frame} title={t.title}>
      <PageTitle lead={t.lead}>{t.title}</PageTitle>
      {error && (
        <ErrorSummary
          title={common.errorSummary}
          errors={[{ field: "username", message: error }]}
        />
      )}
      <form method="post" action={props.action}>
        <HiddenFields fields={{ form_token: props.formToken }} />
        <Field
          label={t.username}
          name="username"
          autocomplete="username"
          error={error}
          required
          autofocus={!props.missing}
        />
        <Button id="password-reset-submit">{t.submit}</Button>
      </form>
    </Layout>
  );
}

/** The same for everybody, whether or not there is somebody to write to. */
export function PasswordResetSentPage(props: { readonly frame: Frame }) {
  const { passwordReset: t, error } = strings(props.frame.language);
  return (
    <Layout {...props.frame} title={t.sentTitle}>
      <PageTitle>{t.sentTitle}</PageTitle>
      <p>{t.sent}</p>
      <p class="hint">{t.sentHint}</p>
      <WaysOn ways={[{ label: error.ways.newLink, href: "/password-reset" }]} />
    </Layout>
  );
}
