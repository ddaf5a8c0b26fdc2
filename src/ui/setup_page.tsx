import { Button, ErrorSummary, Field, HiddenFields, PageTitle } from "./components.tsx";
import { type Frame, Layout } from "./layout.tsx";
import type { Strings } from "./strings/en.ts";
import { strings } from "./strings/languages.ts";

/** What has to be corrected: mostly a field of that name. */
export type SetupError = keyof Strings["setup"]["errors"];

export interface SetupPageProps {
  readonly frame: Frame;
  readonly action: string;
  /** Of the link that the page was opened with. */
  readonly token: string;
  readonly formToken: string;
  /** What was typed before; never a password. */
  readonly typed?: { readonly username?: string; readonly name?: string; readonly email?: string };
  readonly errors?: readonly SetupError[];
}

/**
 * Makes the first administrator.
 *
 * Posts `username`, `name`, `email`, `password`, `password_repeat`, `token` and `form_token`.
 */
export function SetupPage(props: SetupPageProps) {
  const { setup: t, common } = strings(props.frame.language);
  const { typed = {}, errors = [] } = props;
  const errorOf = (...of: SetupError[]) => {
    const found = errors.find((error) => of.includes(error));
    return found && t.errors[found];
  };
  return (
    <Layout {...props.frame} title={t.title}>
      <PageTitle lead={t.lead}>{t.title}</PageTitle>
      {errors.length > 0 && (
        <ErrorSummary
          title={common.errorSummary}
          errors={errors.map((error) => ({ field: fieldOf(error), message: t.errors[error] }))}
        />
      )}
      <form method="post" action={props.action}>
        <HiddenFields fields={{ token: props.token, form_token: props.formToken }} />
        <Field
          label={t.username}
          name="username"
          autocomplete="username"
          value={typed.username}
          error={errorOf("username")}
          required
          autofocus={errors.length === 0}
        />
        <Field
          label={t.name}
          name="name"
          autocomplete="name"
          value={typed.name}
          error={errorOf("name")}
          required
        />
        <Field
          label={t.email}
          name="email"
          type="email"
          autocomplete="email"
          value={typed.email}
          error={errorOf("email")}
        />
        <Field
          label={t.password}
          name="password"
          type="password"
          autocomplete="new-password"
          hint={t.passwordHint}
          error={errorOf("password", "password_common")}
          required
        />
        <Field
          label={t.passwordRepeat}
          name="password_repeat"
          type="password"
          autocomplete="new-password"
          error={errorOf("password_repeat")}
          required
        />
        <Button id="setup-submit">{t.submit}</Button>
      </form>
    </Layout>
  );
}

/** The end of the setup: there is nobody to sign in to here but for an application. */
export function SetupDonePage(props: { readonly frame: Frame }) {
  const t = strings(props.frame.language).setup;
  return (
    <Layout {...props.frame} title={t.doneTitle}>
      <PageTitle>{t.doneTitle}</PageTitle>
      <p>{t.done}</p>
    </Layout>
  );
}

function fieldOf(error: SetupError): string {
  return error === "password_common" ? "password" : error;
}
