import { Button, ErrorSummary, Field, HiddenFields, PageTitle } from "./components.tsx";
import { type Frame, Layout } from "./layout.tsx";
import type { Strings } from "./strings/en.ts";
import { strings } from "./strings/languages.ts";

/** What has to be corrected. */
export type NewPasswordError = keyof Strings["newPassword"]["errors"];

export interface NewPasswordPageProps {
  readonly frame: Frame;
  readonly action: string;
  /** Of the link that the page was opened with. */
  readonly token: string;
  readonly formToken: string;
  readonly username: string;
  readonly error: NewPasswordError | null;
}

/** Asks for a new password. Posts `password`, `password_repeat`, `token` and `form_token`. */
export function NewPasswordPage(props: NewPasswordPageProps) {
  const { newPassword: t, common } = strings(props.frame.language);
  const { error } = props;
  const field = error === "password_common" ? "password" : error;
  const errorOf = (name: string) => error && field === name ? t.errors[error] : undefined;
  return (
    <Layout {...props.frame} title={t.title}>
      <PageTitle lead={t.lead}>{t.title}</PageTitle>
      {error && field && (
        <ErrorSummary
          title={common.errorSummary}
          errors={[{ field, message: t.errors[error] }]}
        />
      )}
      <form method="post" action={props.action}>
        <HiddenFields fields={{ token: props.token, form_token: props.formToken }} />
        <Field
          label={t.username}
          name="username"
          autocomplete="username"
          value={props.username}
          // Read-only, not hidden: a password manager has to see whose password this is.
          readonly
        />
        <Field
          label={t.password}
          name="password"
          type="password"
          autocomplete="new-password"
          hint={t.passwordHint}
          error={errorOf("password")}
          required
          autofocus={error === null}
        />
        <Field
          label={t.passwordRepeat}
          name="password_repeat"
          type="password"
          autocomplete="new-password"
          error={errorOf("password_repeat")}
          required
        />
        <Button id="new-password-submit">{t.submit}</Button>
      </form>
    </Layout>
  );
}

/** The end: there is nobody to sign in to here but for an application. */
export function PasswordChangedPage(props: { readonly frame: Frame }) {
  const t = strings(props.frame.language).newPassword;
  return (
    <Layout {...props.frame} title={t.doneTitle}>
      <PageTitle>{t.doneTitle}</PageTitle>
      <p>{t.done}</p>
    </Layout>
  );
}
