import { isSamePassword } from "../../src/authn/passwords/comparable.ts";
import {
  type NewPasswordProblem,
  newPasswordProblem,
} from "../../src/authn/passwords/new_password.ts";
import { type Parameters, single } from "./form.ts";

export type NewPasswordError = NewPasswordProblem | "password_repeat";

export type NewPassword =
  | { readonly password: string; readonly error: null }
  | { readonly password: null; readonly error: NewPasswordError };

/**
 * Reads a new password, which a form contains twice: `password` and `password_repeat`.
 *
 * @param names the user's names, which must not be the password
 */
export async function readNewPassword(
  form: Parameters,
  names: readonly unknown[],
): Promise<NewPassword> {
  const password = single(form, "password") ?? "";
  const error = await newPasswordProblem(password, names);
  if (error !== null) return { password: null, error };
  const repeated = single(form, "password_repeat") ?? "";
  return isSamePassword(password, repeated)
    ? { password, error: null }
    : { password: null, error: "password_repeat" };
}
