import { Button, ErrorSummary, Field, HiddenFields } from "./components.tsx";
import type { Frame } from "./layout.tsx";
import { Divider } from "./other_ways.tsx";
import { PasskeyButton, PasskeyForm } from "./passkeys/passkey_block.tsx";
import { NewPasswordFields } from "./secret_fields.tsx";
import type { Strings } from "../language/strings/en.ts";
import { strings } from "../language/languages.ts";

/** An error, usually of the field with that name. */
export type NewAccountError = keyof Strings["newAccount"]["errors"] | PasskeyNotMade;

/** The reason why a passkey was refused. */
export type PasskeyNotMade = Extract<
  keyof Strings["passkeys"]["account"]["errors"],
  "expired" | "invalid" | "known"
>;

/** The typed or proposed values; never a password. */
export interface TypedAccount {
  readonly username?: string;
  readonly name?: string;
  readonly email?: string;
}

export interface NewAccountFormProps {
  readonly frame: Frame;
  readonly action: string;
  /** The script for passkeys. */
  readonly scriptUrl: string;
  /** The token of the link that opened the page. */
  readonly token: string;
  readonly formToken: string;
  readonly typed: TypedAccount;
  readonly errors: readonly NewAccountError[];
  /** The label of a field for an address. Without a label there is no such field. */
  readonly emailLabel?: string;
  readonly usernameHint?: string;
  readonly submitId: string;
}

/**
 * The form for a new account. The user chooses a password, or creates a passkey if there is a script
 * and the browser can do it.
 *
 * Posts `username`, `name`, perhaps `email`, `token` and `form_token`; with them `password` and
 * `password_repeat`, or `way=passkey` and `credential`.
 */
export function NewAccountForm(props: NewAccountFormProps) {
  const { newAccount: t, passkeys } = strings(props.frame.language);
  const { frame, action, typed, errors, emailLabel } = props;
  const sent = { token: props.token, form_token: props.formToken };
  const texts = { ...passkeys.account.errors, ...t.errors };
  const errorOf = (field: string) => {
    const found = errors.find((error) => fieldOf(error) === field);
    return found === undefined ? {} : { error: texts[found] };
  };
  const names = ["username", "name", ...(emailLabel === undefined ? [] : ["email"])];
  return (
    <>
      {errors.length > 0 && (
        <ErrorSummary
          title={strings(frame.language).common.errorSummary}
          errors={errors.map((error) => ({ field: fieldOf(error), message: texts[error] }))}
        />
      )}
      <PasskeyForm
        frame={frame}
        scriptUrl={props.scriptUrl}
        action={action}
        fields={{
          ...sent,
          way: "passkey",
          ...Object.fromEntries(names.map((name) => [name, ""])),
        }}
        at="registration"
      />
      <form method="post" action={action}>
        <HiddenFields fields={sent} />
        <Field
          label={t.username}
          name="username"
          autocomplete="username"
          hint={props.usernameHint}
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
        {emailLabel !== undefined && (
          <Field
            label={emailLabel}
            name="email"
            type="email"
            autocomplete="email"
            inputmode="email"
            value={typed.email}
            {...errorOf("email")}
          />
        )}
        <PasskeyButton
          optionsUrl={`${action}/passkey/options`}
          ceremony="registration"
          typed={names}
          label={t.passkey}
        >
          <p class="hint">{t.passkeyHint}</p>
          <Divider>{t.orPassword}</Divider>
        </PasskeyButton>
        <NewPasswordFields texts={t} errorOf={errorOf} />
        <Button id={props.submitId}>{t.submit}</Button>
      </form>
    </>
  );
}

function fieldOf(error: NewAccountError): string | undefined {
  switch (error) {
    case "username_taken":
      return "username";
    case "password_common":
      return "password";
    case "expired":
    case "invalid":
    case "known":
      return undefined; // no field can be corrected
    default:
      return error;
  }
}
