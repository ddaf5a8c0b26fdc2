import { z } from "zod";
import type { NewUser, User } from "../../../stores/users.ts";
import { isSameAddress } from "../../identifiers/mail_address.ts";
import { isAddressLike, parseUsername, usernameRule } from "../../identifiers/username.ts";

/** What a person signs in as. One that contains `@` is checked against their address by `isForeignAddress`. */
export const usernameSchema = z.string().transform((typed, context) => {
  const username = parseUsername(typed);
  if (username === null) context.addIssue(usernameRule);
  return username ?? z.NEVER;
});

/**
 * Whether a name is a mail address, and another one than the person has proved. Applications are told the
 * name, and who calls themselves by somebody's address would pass for them there.
 *
 * @param proved null: the person has proved none
 */
export function isForeignAddress(username: string, proved: string | null): boolean {
  return isAddressLike(username) && (proved === null || !isSameAddress(username, proved));
}

/** A password that somebody chooses; counted as a person counts, not in UTF-16. */
export const newPasswordSchema = z.string().refine((password) => {
  if (password.length > 1024) return false; // before it is normalised, which can take long
  const length = [...password.normalize("NFC")].length;
  return length >= 8 && length <= 128;
}, "must have 8 to 128 characters");

/** The record of a person who is new here. @param now epoch seconds */
export function newUser(
  account:
    & Pick<User, "username" | "passwordHash" | "claims">
    & Partial<Pick<User, "administrator" | "passkeys" | "mustChangePassword">>,
  now: number,
): NewUser {
  return {
    administrator: false,
    mustChangePassword: false,
    passkeys: [],
    ...account,
    totp: null,
    recoveryCodes: null,
    withdrawals: [],
    status: "active",
    sessionEpoch: 1,
    epoch: 1,
    createdAt: now,
    updatedAt: now,
  };
}
