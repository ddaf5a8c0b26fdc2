import { Button, ErrorSummary, Field, HiddenFields, PageTitle } from "./components.tsx";
import { fill, Filled, Name } from "./fill.tsx";
import { type Frame, Layout } from "./layout.tsx";
import { ButtonLink } from "./other_ways.tsx";
import { PasswordField } from "./secret_fields.tsx";
import type { Strings } from "./strings/en.ts";
import { strings } from "./strings/languages.ts";

/** What has to be corrected: mostly a field of that name. */
export type NewAccountError = keyof Strings["newAccount"]["errors"];

export interface NewAccountPageProps {
  readonly frame: Frame;
  readonly action: string;
  /** Of the link that the page was opened with. */
  readonly token: string;
  readonly formToken: string;
  readonly address: string;
  /** Whether an administrator has invited the person. */
  readonly invited?: boolean;
  /** What was typed before, or is proposed; never a password. */
  readonly typed: { readonly username?: string; readonly name?: string };
  readonly errors?: readonly NewAccountError[];
}

/**
 * Makes the account of whoever has a link.
 *
 * Posts `username`, `name`, `password`, `password_repeat`, `token` and `form_token`.
 */
export function NewAccountPage(props: NewAccountPageProps) {
  const { newAccount: t, common } = strings(props.frame.language);
  const { typed, errors = [] } = props;
  const errorOf = (field: string) => {
    const found = errors.find((error) => fieldOf(error) === field);
    return found === undefined ? {} : { error: t.errors[found] };
  };
  const address = <Name>{props.address}</Name>;
  return (
    <Layout {...props.frame} title={t.title}>
      <PageTitle
        lead={<Filled text={props.invited ? t.invitedLead : t.lead} values={{ address }} />}
      >
        {t.title}
      </PageTitle>
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
          hint={t.usernameHint}
          value={typed.username}
          {...errorOf("username")}
          required
          autofocus={errors.length === 0}
        />
        <Field
          label={t.name}
          name="name"
          autocomplete="name"
          value={typed.name}
          {...errorOf("name")}
          required
        />
        <PasswordField
          label={t.password}
          autocomplete="new-password"
          hint={t.passwordHint}
          {...errorOf("password")}
        />
        <PasswordField
          label={t.passwordRepeat}
          name="password_repeat"
          autocomplete="new-password"
          {...errorOf("password_repeat")}
        />
        <Button id="new-account-submit">{t.submit}</Button>
      </form>
    </Layout>
  );
}

function fieldOf(error: NewAccountError): string {
  if (error === "username_taken") return "username";
  return error === "password_common" ? "password" : error;
}

export interface AccountMadePageProps {
  readonly frame: Frame;
  /** Of an invitation: where the person can go on. */
  readonly invited?: { readonly client: { readonly name: string; readonly uri: string } | null };
}

/** The end where nobody waits for the person. */
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
      {invited && <ButtonLink href="/account">{t.toAccount}</ButtonLink>}
    </Layout>
  );
}
