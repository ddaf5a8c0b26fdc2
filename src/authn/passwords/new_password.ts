import { isAddressLike, normalName } from "../../identifiers/username.ts";
import { newPasswordSchema } from "../new_accounts/new_account.ts";
import { comparable } from "./comparable.ts";

/** The problem of a new password: its length, or that it is easy to guess. */
export type NewPasswordProblem = "password" | "password_common";

/**
 * Checks a new password: it has 8 to 128 characters, is not a common one in any case, and is not the
 * user's own name. There are no rules of composition, because they lead to passwords that are easy to
 * guess.
 *
 * @param names of the user: username, mail address
 * @see NIST SP 800-63B-4 section 3.1.1.2
 */
export async function newPasswordProblem(
  password: unknown,
  names: readonly unknown[] = [],
): Promise<NewPasswordProblem | null> {
  const parsed = newPasswordSchema.safeParse(password);
  if (!parsed.success) return "password";
  const compared = comparable(parsed.data);
  return isOwnName(compared, names) || await isCommonPassword(compared) ? "password_common" : null;
}

/** Whether a password is one of the user's own names, in any spelling. Everybody can read those. */
function isOwnName(password: string, names: readonly unknown[]): boolean {
  const folded = normalName(password);
  return names.some((name) => {
    if (typeof name !== "string" || name === "") return false;
    const known = normalName(name);
    return folded === known || (isAddressLike(name) && folded === known.split("@")[0]);
  });
}

/** Whether a password is one of the most common ones. */
export async function isCommonPassword(password: string): Promise<boolean> {
  // About 90 KB, which most servers need only a few times a day.
  known ??= import("./common_passwords.ts")
    .then(({ commonPasswords }) => new Set(commonPasswords.trim().split(/\s+/)));
  return (await known).has(password.normalize("NFKC").toLowerCase());
}

let known: Promise<ReadonlySet<string>> | null = null;
