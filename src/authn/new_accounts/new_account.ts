import { z } from "zod";
import type { NewUser, User } from "../../../stores/users.ts";
import { isSameAddress } from "../../identifiers/mail_address.ts";
import { isAddressLike, parseUsername, usernameRule } from "../../identifiers/username.ts";

/** A username. If it contains `@`, `isForeignAddress` checks it against the user's address. */
export const usernameSchema = z.string().transform((typed, context) => {
  const username = parseUsername(typed);
  if (username === null) context.addIssue(usernameRule);
  return username ?? z.NEVER;
});

/**
 * Whether a username is a mail address that the user has not verified. Applications see the username,
 * and a user with another's address as username could be mistaken for that person.
 *
 * @param proved null: the user has no verified address
 */
export function isForeignAddress(username: string, proved: string | null): boolean {
  return isAddressLike(username) && (proved === null || !isSameAddress(username, proved));
}

/** A new password. Its length is counted in characters as users see them, not in UTF-16. */
export const newPasswordSchema = z.string().refine((password) => {
  if (password.length > 1024) return false; // before the normalization, which can take long
  const length = [...password.normalize("NFC")].length;
  return length >= 8 && length <= 128;
}, "must have 8 to 128 characters");

/** The record of a new user. @param now epoch seconds */
export function newUser(
  account:
    & Pick<User, "username" | "passwordHash" | "claims">
    & Partial<
      Pick<User, "administrator" | "customClaims" | "groups" | "passkeys" | "mustChangePassword">
    >,
  now: number,
): NewUser {
  return {
    administrator: false,
    mustChangePassword: false,
    passkeys: [],
    groups: [],
    customClaims: {},
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
