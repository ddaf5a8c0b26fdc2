import * as auditEvents from "../../stores/audit_events.ts";
import { isPresent, type Present } from "../../stores/engine/collection.ts";
import type { Transaction } from "../../stores/engine/transaction.ts";
import * as userNames from "../../stores/user_names.ts";
import * as users from "../../stores/users.ts";
import type { NewUser, User } from "../../stores/users.ts";
import { newUser } from "../authn/new_accounts/new_account.ts";
import { randomId } from "../crypto/random.ts";
import type { Deps } from "../deps/deps.ts";
import { assertCustomClaims } from "./custom_claims.ts";
import { NotFound } from "./errors.ts";
import {
  assertAddressIsFree,
  assertNameIsFree,
  assertOwnName,
  mustBeChanged,
  type PasswordHashing,
  type WantedUser,
} from "./user_changes.ts";
import { noticeOfAdministrator } from "./user_notices.ts";

/** Finds the user with a username, in any of its spellings; null: there is none. */
export async function findUser(tx: Transaction, username: string): Promise<Present<User> | null> {
  const { name } = await tx.read({ name: userNames.usernameRef(username) });
  const userId = userNames.ownerOfName(name, username);
  const { user } = await tx.read({ user: userId === null ? null : users.ref(userId) });
  return user !== null && isPresent(user) ? user : null;
}

/**
 * @returns the new record
 * @throws {InvalidEntry}
 * @throws {Conflict} if the username or the verified mail address is another user's
 */
export async function createUser(
  deps: Deps,
  tx: Transaction,
  { password, status, custom_claims: customClaims, ...account }: WantedUser,
  hashed: PasswordHashing,
): Promise<{ readonly userId: string; readonly user: NewUser }> {
  assertOwnName(account);
  await assertNameIsFree(tx, account.username, null);
  await assertAddressIsFree(tx, account.claims, null);
  await assertCustomClaims(tx, { before: {}, after: customClaims });
  // Hashing is expensive: only an administrator's request may cause it, so it comes after those checks.
  const passwordHash = password === undefined ? null : await hashed(password, account);
  const mustChangePassword = passwordHash !== null && mustBeChanged(deps);
  const fields = { ...account, customClaims, passwordHash, mustChangePassword };
  const user = { ...newUser(fields, tx.now), status };
  const userId = randomId(tx.random);
  users.create(tx, userId, user);
  auditEvents.append(tx, { type: "user_created", userId });
  return { userId, user };
}

/** Signs a user out everywhere, by one write for any number of sessions. */
export function endUserSessions(tx: Transaction, user: Present<User>): void {
  users.replace(tx, user, { sessionEpoch: user.value.sessionEpoch + 1 });
  auditEvents.append(tx, { type: "sessions_ended", reason: "admin", userId: users.idOf(user) });
}

/**
 * Removes the authenticator app of a user who has lost it and the recovery codes too. From then on they
 * sign in with the methods that are left. A mail tells them.
 *
 * @throws {NotFound} if they have none
 */
export async function removeUserTotp(
  deps: Deps,
  tx: Transaction,
  user: Present<User>,
): Promise<void> {
  if (user.value.totp === null) throw new NotFound("authenticator app");
  users.replace(tx, user, { totp: null });
  auditEvents.append(tx, { type: "totp_removed", reason: "admin", userId: users.idOf(user) });
  await noticeOfAdministrator(deps, tx, user, "authenticator_app_off");
}
