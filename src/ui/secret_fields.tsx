import { Field, type FieldProps } from "./components.tsx";

type CommonProps = Pick<
  FieldProps,
  "label" | "id" | "hint" | "error" | "invalidBecause" | "autofocus"
>;

export interface PasswordFieldProps extends CommonProps {
  /** `new-password`: a password manager may suggest one. `current-password`: it may fill one in. */
  readonly autocomplete: "new-password" | "current-password";
  /** `password` unless the form has two. */
  readonly name?: string;
}

/** A password field. A page never shows again what was typed. */
export function PasswordField({ name = "password", ...props }: PasswordFieldProps) {
  return <Field {...props} name={name} type="password" required />;
}

export interface NewPasswordFieldsProps {
  readonly texts: {
    readonly password: string;
    readonly passwordHint: string;
    readonly passwordRepeat: string;
  };
  /** The error of a field, by its name. */
  readonly errorOf: (name: string) => { readonly error?: string };
  readonly autofocus?: boolean;
}

/** A new password, typed twice: `password` and `password_repeat`. */
export function NewPasswordFields({ texts, errorOf, autofocus }: NewPasswordFieldsProps) {
  return (
    <>
      <PasswordField
        label={texts.password}
        autocomplete="new-password"
        hint={texts.passwordHint}
        {...errorOf("password")}
        {...(autofocus === undefined ? {} : { autofocus })}
      />
      <PasswordField
        label={texts.passwordRepeat}
        name="password_repeat"
        autocomplete="new-password"
        {...errorOf("password_repeat")}
      />
    </>
  );
}

/**
 * The username beside a new password. It is a read-only field and not a hidden one, so that a password
 * manager sees whose password this is.
 */
export function PasswordOwner({ label, username }: { label: string; username: string }) {
  return <Field label={label} name="username" autocomplete="username" value={username} readonly />;
}

export interface CodeFieldProps extends CommonProps {
  /** `code` unless the form has another. */
  readonly name?: string;
  /**
   * `digits` (the default): from an authenticator app. `mail`: the letters of a code that came by mail. A
   * phone's keyboard may fill in both. `letters`: a recovery code.
   */
  readonly kind?: "digits" | "mail" | "letters";
}

/** A one-time code, in large spaced letters. The route accepts spaces. */
export function CodeField({ name = "code", kind = "digits", ...props }: CodeFieldProps) {
  return (
    <Field
      {...props}
      name={name}
      look="code"
      autocomplete={kind === "letters" ? "off" : "one-time-code"}
      inputmode={kind === "digits" ? "numeric" : "text"}
      required
    />
  );
}
