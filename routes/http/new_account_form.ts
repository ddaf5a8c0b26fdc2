import { z } from "zod";
import { usernameSchema } from "../../src/authn/new_account.ts";
import type { NewAccountError } from "../../src/ui/new_account_page.tsx";
import { type Parameters, single } from "./form.ts";
import { readNewPassword } from "./new_password.ts";

const trimmed = z.string().trim();
// With characters that nobody sees one could look like somebody else.
const usernameField = trimmed.pipe(usernameSchema)
  .refine((username) => !/\p{Default_Ignorable_Code_Point}/u.test(username));
const nameField = trimmed.pipe(z.string().min(1).max(256).regex(/^\P{Cc}*$/u));

export type NewAccountForm =
  | {
    readonly account: {
      readonly username: string;
      readonly name: string;
      readonly password: string;
    };
    readonly errors: readonly [];
  }
  | { readonly account: null; readonly errors: readonly NewAccountError[] };

/** Reads what a person fills in for a new account, or all that has to be corrected. */
export async function readNewAccount(form: Parameters): Promise<NewAccountForm> {
  const username = usernameField.safeParse(form.username);
  const name = nameField.safeParse(form.name);
  const { password, error } = await readNewPassword(form);
  if (username.success && name.success && password !== null) {
    return { account: { username: username.data, name: name.data, password }, errors: [] };
  }
  const errors: NewAccountError[] = [];
  if (!username.success) errors.push("username");
  if (!name.success) errors.push("name");
  if (error !== null) errors.push(error);
  return { account: null, errors };
}

/** What was typed, to be shown again; never a password. */
export function typedAccount(form: Parameters): { username?: string; name?: string } {
  const [username, name] = [single(form, "username"), single(form, "name")];
  return {
    ...(username === undefined ? {} : { username: username.slice(0, 256) }),
    ...(name === undefined ? {} : { name: name.slice(0, 256) }),
  };
}
