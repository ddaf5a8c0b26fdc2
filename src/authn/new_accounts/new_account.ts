import { z } from "zod";
import * as users from "../../../stores/users.ts";
import type { NewUser, User } from "../../../stores/users.ts";
import { isMailAddress } from "../../protocol/mail_address.ts";

/** What a person signs in as. It is shown as typed, and found in any spelling taken for the same. */
export const usernameSchema = z.string().refine(
  (username) =>
    username !== "" && username.trim() === username && !/\p{Cc}/u.test(username) &&
    username.length <= users.longestName && username.normalize("NFKC").length <= 256,
  "must have 1 to 256 characters, without white space around them",
);

/**
 * Whether a name is a mail address, and another one than a person has proved. Applications are told the
 * name, and who calls themselves by somebody's address would pass for them there.
 */
export function isForeignAddress(username: string, proved: string): boolean {
  const name = username.normalize("NFKC");
  return isMailAddress(name) && !users.isSameName(name, proved);
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
    & Partial<Pick<User, "administrator" | "passkeys">>,
  now: number,
): NewUser {
  return {
    administrator: false,
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
