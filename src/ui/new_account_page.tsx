import { PageTitle } from "./components.tsx";
import { fill, Filled, Name } from "../language/fill.tsx";
import { type Frame, Layout } from "./layout.tsx";
import { NewAccountForm, type NewAccountFormProps } from "./new_account_form.tsx";
import { ButtonLink } from "./other_ways.tsx";
import { strings } from "../language/languages.ts";

export interface NewAccountPageProps
  extends Omit<NewAccountFormProps, "submitId" | "emailLabel" | "usernameHint"> {
  readonly address: string;
  /** Whether an administrator has invited the user. */
  readonly invited?: boolean;
}

/** Creates the account of a user who has a link. */
export function NewAccountPage(props: NewAccountPageProps) {
  const t = strings(props.frame.language).newAccount;
  const address = <Name>{props.address}</Name>;
  return (
    <Layout {...props.frame} title={t.title}>
      <PageTitle
        lead={<Filled text={props.invited ? t.invitedLead : t.lead} values={{ address }} />}
      >
        {t.title}
      </PageTitle>
      <NewAccountForm {...props} usernameHint={t.usernameHint} submitId="new-account-submit" />
    </Layout>
  );
}

export interface AccountMadePageProps {
  readonly frame: Frame;
  /** For an invitation: the page where the user can continue. */
  readonly invited?: { readonly client: { readonly name: string; readonly uri: string } | null };
}

/** The last page, if no application waits for the user. */
export function AccountMadePage({ frame, invited }: AccountMadePageProps) {
  const t = strings(frame.language).newAccount;
  const client = invited?.client ?? null;
  return (
    <Layout {...frame} title={t.doneTitle}>
      <PageTitle>{t.doneTitle}</PageTitle>
      <p>{invited ? t.invitedDone : t.done}</p>
      {client && (
        <ButtonLink href={client.uri} kind="primary" foreign>
          {fill(t.toClient, { client: client.name })}
        </ButtonLink>
      )}
      <ButtonLink href="/account">{t.toAccount}</ButtonLink>
    </Layout>
  );
}
