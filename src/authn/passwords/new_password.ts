import { isAddressLike, normalName } from "../../identifiers/username.ts";
import { newPasswordSchema } from "../new_accounts/new_account.ts";

/** What is wrong with a password that somebody chooses: its length, or that it is guessed first. */
export type NewPasswordProblem = "password" | "password_common";

/**
 * Checks a password that somebody chooses: 8 to 128 characters, none of the most common ones, in whatever
 * case, and not what the person is called. There are no rules of composition, which lead to passwords that are easy to guess.
 *
 * @param names of the person: username, mail address
 * @see NIST SP 800-63B-4 section 3.1.1.2
 */
export async function newPasswordProblem(
  password: unknown,
  names: readonly unknown[] = [],
): Promise<NewPasswordProblem | null> {
  const parsed = newPasswordSchema.safeParse(password);
  if (!parsed.success) return "password";
  return isOwnName(parsed.data, names) || await isCommonPassword(parsed.data)
    ? "password_common"
    : null;
}

/** Whether a password is what its person is called, in whatever spelling: what everybody can read. */
export function isOwnName(password: string, names: readonly unknown[]): boolean {
  const folded = normalName(password);
  return names.some((name) => {
    if (typeof name !== "string" || name === "") return false;
    const known = normalName(name);
    return folded === known || (isAddressLike(name) && folded === known.split("@")[0]);
  });
}

/** Whether a password is among the first that anybody guesses. */
export async function isCommonPassword(password: string): Promise<boolean> {
  // Some 90 KB that most servers need a few times a day.
  known ??= import("./common_passwords.ts")
    .then(({ commonPasswords }) => new Set(commonPasswords.trim().split(/\s+/)));
  return (await known).has(password.normalize("NFKC").toLowerCase());
}

let known: Promise<ReadonlySet<string>> | null = null;
