import { PageTitle } from "./components.tsx";
import { type Frame, Layout } from "./layout.tsx";
import { NewAccountForm, type NewAccountFormProps } from "./new_account_form.tsx";
import { WaysOn } from "./ways_on.tsx";
import { strings } from "../language/languages.ts";

export type SetupPageProps = Omit<NewAccountFormProps, "submitId" | "emailLabel" | "usernameHint">;

/** Creates the first administrator. */
export function SetupPage(props: SetupPageProps) {
  const { setup: t } = strings(props.frame.language);
  return (
    <Layout {...props.frame} title={t.title}>
      <PageTitle lead={t.lead}>{t.title}</PageTitle>
      <NewAccountForm {...props} emailLabel={t.email} submitId="setup-submit" />
    </Layout>
  );
}

/** The end of the setup. It does not say who is signed in: a browser may have lost the first answer. */
export function SetupDonePage(props: { readonly frame: Frame }) {
  const { setup: t, home } = strings(props.frame.language);
  return (
    <Layout {...props.frame} title={t.doneTitle}>
      <PageTitle>{t.doneTitle}</PageTitle>
      <p>{t.done}</p>
      <WaysOn ways={[{ label: home.accountLink, href: "/account" }]} />
    </Layout>
  );
}
