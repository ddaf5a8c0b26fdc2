import { PageTitle } from "./components.tsx";
import { type Frame, Layout } from "./layout.tsx";
import { NewAccountForm, type NewAccountFormProps } from "./new_account_form.tsx";
import { strings } from "../language/languages.ts";

export type SetupPageProps = Omit<NewAccountFormProps, "submitId" | "emailLabel" | "usernameHint">;

/** Makes the first administrator. */
export function SetupPage(props: SetupPageProps) {
  const { setup: t } = strings(props.frame.language);
  return (
    <Layout {...props.frame} title={t.title}>
      <PageTitle lead={t.lead}>{t.title}</PageTitle>
      <NewAccountForm {...props} emailLabel={t.email} submitId="setup-submit" />
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
