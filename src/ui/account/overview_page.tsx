import { PageTitle, TextLink } from "../components.tsx";
import { Filled, Name } from "../fill.tsx";
import { type Frame, Layout } from "../layout.tsx";
import { strings } from "../strings/languages.ts";

export interface AccountOverviewPageProps {
  readonly frame: Frame;
  readonly person: { readonly name: string };
}

/** The first page of an account. */
export function AccountOverviewPage(props: AccountOverviewPageProps) {
  const t = strings(props.frame.language).account;
  const name = <Name>{props.person.name}</Name>;
  return (
    <Layout {...props.frame} title={t.title}>
      <PageTitle lead={<Filled text={t.signedInAs} values={{ name }} />}>{t.title}</PageTitle>
      <p>
        <TextLink label={t.signOut} href="/logout" />
      </p>
    </Layout>
  );
}
