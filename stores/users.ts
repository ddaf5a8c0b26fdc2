import { randomId, randomSecret } from "../src/crypto/random.ts";
import { tidyMailAddress } from "../src/identifiers/mail_address.ts";
import type { Collection, Present, Ref } from "./engine/collection.ts";
import type { Transaction } from "./engine/transaction.ts";
import { memberRef } from "./group_members.ts";
import * as passkeys from "./passkeys.ts";
import * as sessionEnds from "./session_ends.ts";
import { changeName, giveUpName, moveAddress, takeName } from "./user_names.ts";
import { type User as UserRecord, userRecords } from "./user_records.ts";

export type User = UserRecord;
/** The key is made with the record. */
export type NewUser = Omit<User, "auditKey">;
export const all: Collection<User> = userRecords;

export function ref(userId: string): Ref<User> {
  return userRecords.ref(userId);
}

/** The verified mail address of a user, as stored; null: there is none. */
export function verifiedEmail({ email, email_verified }: User["claims"]): string | null {
  return email_verified === true && typeof email === "string" ? tidyMailAddress(email) : null;
}

/**
 * Creates a user.
 * @returns the new record, for the rest of the step
 * @throws {RecordExists} if the name or the verified address is another user's
 */
export function create(tx: Transaction, userId: string, user: NewUser): Present<User> {
  const value = { ...user, auditKey: randomSecret(tx.random) };
  tx.add(ref(userId), value);
  takeName(tx, { userId, username: user.username });
  moveEmail(tx, userId, {}, user.claims);
  return { ref: ref(userId), value, versionstamp: "" }; // not stored yet: it cannot be replaced in this step
}

/** Members that clients or administrators see. The others are about signing in, or about what has ended. */
const shownMembers = [
  "username",
  "claims",
  "customClaims",
  "groups",
  "status",
  "administrator",
] as const;

/** Changes a user. @throws {RecordExists} if the verified address is another user's */
export function replace(tx: Transaction, user: Present<User>, changes: Partial<User>) {
  // Clients see `updated_at`: it must not reveal each sign-in with an app's code elsewhere.
  const updatedAt = shownMembers.some((name) => name in changes) ? tx.now : user.value.updatedAt;
  // A new password is the user's own, unless the change says otherwise.
  const own = "passwordHash" in changes ? { mustChangePassword: false } : {};
  const after = { ...user.value, ...own, ...changes, updatedAt };
  tx.replace(user, after);
  if (endsSessions(user.value, after)) sessionEnds.addSweep(tx, idOf(user));
  if (changes.claims) moveEmail(tx, idOf(user), user.value.claims, changes.claims);
}

/** Whether a change makes sessions invalid that this step does not name. */
function endsSessions(before: User, after: User): boolean {
  return after.epoch !== before.epoch || after.sessionEpoch !== before.sessionEpoch ||
    (before.status === "active" && after.status !== "active");
}

/**
 * Gives a user another name to sign in with.
 * @throws {RecordExists} if it is another user's, or looks like one
 */
export async function rename(tx: Transaction, user: Present<User>, username: string) {
  await changeName(tx, { userId: idOf(user), username: user.value.username }, username);
}

/** Deletes a user with their passkeys and index entries. Every record that names the user becomes invalid. */
export async function remove(tx: Transaction, user: Present<User>) {
  await giveUpName(tx, { userId: idOf(user), username: user.value.username });
  tx.delete(user);
  // Adding a passkey replaces this record, which is checked here: so no passkey can be missing from the
  // list.
  user.value.passkeys.forEach((passkeyId) => passkeys.remove(tx, passkeyId));
  user.value.groups.forEach((group) => tx.end(memberRef(group, idOf(user))));
  moveEmail(tx, idOf(user), user.value.claims, {});
}

/** The user's latest withdrawal from an application, to be stored with new grants; null: there is none. */
export function withdrawalFrom({ withdrawals }: User, clientId: string): string | null {
  return withdrawals.find((withdrawal) => withdrawal.clientId === clientId)?.id ?? null;
}

/** Records a withdrawal, and replaces an earlier one from the same application. */
export function withdrawFrom(
  tx: Transaction,
  user: Present<User>,
  clientId: string,
): Present<User> {
  const others = user.value.withdrawals.filter((withdrawal) => withdrawal.clientId !== clientId);
  const withdrawals = [...others, { clientId, id: randomId(tx.random), at: tx.now }];
  replace(tx, user, { withdrawals });
  return { ...user, value: { ...user.value, withdrawals } };
}

/**
 * Whether access of an application was withdrawn after it was given.
 * @param after the latest withdrawal when the access was given
 */
export function isWithdrawn(user: User, clientId: string, after: string | null): boolean {
  const latest = withdrawalFrom(user, clientId);
  // A withdrawal that is no longer listed is so old that everything from before it has expired.
  return latest !== null && latest !== after;
}

/** The public id of a user whose record was read. */
export function idOf(user: Present<User>): string {
  return String(user.ref.key[1]);
}

/** The encryption context of the secret of a user's authenticator app. */
export function totpContext(userId: string): string {
  return `users/${userId}/totp`;
}

function moveEmail(tx: Transaction, userId: string, before: User["claims"], now: User["claims"]) {
  moveAddress(tx, userId, { from: verifiedEmail(before), to: verifiedEmail(now) });
}
