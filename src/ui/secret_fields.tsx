import { Field, type FieldProps } from "./components.tsx";

type CommonProps = Pick<
  FieldProps,
  "label" | "id" | "hint" | "error" | "invalidBecause" | "autofocus"
>;

export interface PasswordFieldProps extends CommonProps {
  /** `new-password` lets a password manager suggest one, `current-password` fill one in. */
  readonly autocomplete: "new-password" | "current-password";
  /** `password` unless the form has two. */
  readonly name?: string;
}

/** A password; what was typed is never written into the page again. */
export function PasswordField({ name = "password", ...props }: PasswordFieldProps) {
  return <Field {...props} name={name} type="password" required />;
}

export interface CodeFieldProps extends CommonProps {
  /** `code` unless the form has another. */
  readonly name?: string;
  /**
   * `digits` (the usual): from an authenticator app, which the phone's keyboard may fill in. `mail`: the
   * letters of a code that came by mail, which it may fill in too. `letters`: a recovery code.
   */
  readonly kind?: "digits" | "mail" | "letters";
}

/** A one-time code, in large spaced letters. What is typed with spaces is for the route to mend. */
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
