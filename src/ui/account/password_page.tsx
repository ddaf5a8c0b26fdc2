import { AccountLayout } from "../account_layout.tsx";
import { Button, Card, ErrorSummary, HiddenFields, Notice } from "../components.tsx";
import type { Frame } from "../layout.tsx";
import { ButtonLink } from "../other_ways.tsx";
import { NewPasswordFields, PasswordField, PasswordOwner } from "../secret_fields.tsx";
import type { Strings } from "../../language/strings/en.ts";
import { strings } from "../../language/languages.ts";

export type AccountPasswordError = keyof Strings["accountPassword"]["errors"];

const fields: Readonly<Record<AccountPasswordError, string | null>> = {
  current: "current_password",
  password: "password",
  password_common: "password",
  password_repeat: "password_repeat",
  too_many_attempts: null,
};

export interface AccountPasswordPageProps {
  readonly frame: Frame;
  readonly user: { readonly name: string };
  readonly username: string;
  readonly action: string;
  readonly formToken: string;
  readonly hasPassword: boolean;
  /** The page that removes it; null: it is the user's last sign-in method. */
  readonly removeUrl: string | null;
  readonly error?: AccountPasswordError;
  readonly changed?: boolean;
}

/**
 * Changes or sets the password. Posts `current_password` where there is one, `password`,
 * `password_repeat` and `form_token`.
 */
export function AccountPasswordPage(props: AccountPasswordPageProps) {
  const { frame, user, hasPassword, error } = props;
  const { accountPassword: t, common } = strings(frame.language);
  const message = error && t.errors[error];
  const field = error && fields[error];
  const errorAt = (name: string) => message && field === name ? { error: message } : {};
  return (
    <AccountLayout frame={frame} current="security" title={t.title} user={user}>
      {message && (
        <ErrorSummary
          title={common.errorSummary}
          errors={[field ? { message, field } : { message }]}
        />
      )}
      {props.changed && <Notice>{t.changed}</Notice>}
      <Card id="change" title={hasPassword ? t.change : t.set}>
        <p class="hint">{t.changeLead}</p>
        <form method="post" action={props.action}>
          <HiddenFields fields={{ form_token: props.formToken }} />
          <PasswordOwner label={t.username} username={props.username} />
          {hasPassword && (
            <PasswordField
              label={t.current}
              name="current_password"
              autocomplete="current-password"
              {...errorAt("current_password")}
            />
          )}
          <NewPasswordFields texts={t} errorOf={errorAt} />
          <Button id="password-submit">{hasPassword ? t.change : t.set}</Button>
        </form>
      </Card>
      {hasPassword && (
        <Card id="remove" title={t.remove}>
          {props.removeUrl === null ? <p>{t.keepOne}</p> : (
            <p>
              <ButtonLink href={props.removeUrl} kind="danger">{t.remove}</ButtonLink>
            </p>
          )}
        </Card>
      )}
    </AccountLayout>
  );
}
