import { AccountLayout } from "../account_layout.tsx";
import { Button, Card, ErrorSummary, Field, HiddenFields, PageTitle } from "../components.tsx";
import { ConfirmPage } from "../confirm_page.tsx";
import { fill } from "../../language/fill.tsx";
import { type Frame, Layout } from "../layout.tsx";
import { ButtonLink } from "../other_ways.tsx";
import type { Strings } from "../../language/strings/en.ts";
import { strings } from "../../language/languages.ts";
import { WaysOn } from "../ways_on.tsx";
import type { ShownUser } from "./words.tsx";

/** Lets users download their data or delete their account. Posts `form_token`. */
export function DataPage(props: {
  readonly frame: Frame;
  readonly user: ShownUser;
  readonly formToken: string;
}) {
  const { frame, user, formToken } = props;
  const t = strings(frame.language).account.data;
  return (
    <AccountLayout frame={frame} current="data" title={t.title} user={user}>
      <Card id="export" title={t.exportTitle}>
        <p>{t.exportLead}</p>
        <form method="post" action="/account/data/export">
          <HiddenFields fields={{ form_token: formToken }} />
          <Button id="export-data" kind="secondary">{t.export}</Button>
        </form>
      </Card>
      <Card id="delete" title={t.deleteTitle}>
        <p>{t.deleteLead}</p>
        <p>
          <ButtonLink href="/account/data/delete" kind="danger">{t.deleteLink}</ButtonLink>
        </p>
      </Card>
    </AccountLayout>
  );
}

export type DeletionError = keyof Strings["account"]["data"]["errors"];

/** Asks before an account is deleted. Posts `username` and `form_token`. */
export function DeleteAccountPage(props: {
  readonly frame: Frame;
  readonly username: string;
  readonly formToken: string;
  readonly error: DeletionError | null;
}) {
  const { frame, username, formToken, error } = props;
  const { account: { data: t }, common } = strings(frame.language);
  const message = error === null ? undefined : t.errors[error];
  return (
    <ConfirmPage
      frame={frame}
      title={t.confirmTitle}
      lead={t.confirmLead}
      action="/account/data/delete"
      fields={{ form_token: formToken }}
      inputs={
        <Field
          label={fill(t.confirmUsername, { username })}
          name="username"
          autocomplete="off"
          {...(message === undefined ? {} : { error: message })}
          required
        />
      }
      confirm={t.confirm}
      confirmId="delete-account-confirm"
      danger
      cancelUrl="/account/data"
    >
      {message && (
        <ErrorSummary title={common.errorSummary} errors={[{ message, field: "username" }]} />
      )}
      <p>{t.deleteLead}</p>
    </ConfirmPage>
  );
}

/** The last page: nobody is signed in any more. */
export function AccountDeletedPage({ frame }: { readonly frame: Frame }) {
  const { account: { data: t }, error } = strings(frame.language);
  return (
    <Layout {...frame} title={t.deletedTitle}>
      <PageTitle>{t.deletedTitle}</PageTitle>
      <p>{t.deleted}</p>
      <p class="hint">{t.deletedMail}</p>
      <WaysOn ways={[{ label: error.ways.start, href: "/" }]} />
    </Layout>
  );
}
