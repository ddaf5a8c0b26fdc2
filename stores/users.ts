import { randomId, randomSecret } from "../src/crypto/random.ts";
import { tidyMailAddress } from "../src/identifiers/mail_address.ts";
import type { Collection, Present, Ref } from "./engine/collection.ts";
import type { Transaction } from "./engine/transaction.ts";
import * as passkeys from "./passkeys.ts";
import { changeName, giveUpName, moveAddress, takeName } from "./user_names.ts";
import { type User as UserRecord, userRecords } from "./user_records.ts";

export type User = UserRecord;
/** The key is made with the record. */
export type NewUser = Omit<User, "auditKey">;
export const all: Collection<User> = userRecords;

export function ref(userId: string): Ref<User> {
  return userRecords.ref(userId);
}

/** The mail address that a person has proved, as it is stored; null if there is none. */
export function verifiedEmail({ email, email_verified }: User["claims"]): string | null {
  return email_verified === true && typeof email === "string" ? tidyMailAddress(email) : null;
}

/**
 * Creates a person.
 *
 * @returns the person as they will be, for what the step does next
 * @throws {RecordExists} when the name or the verified address is another's
 */
export function create(tx: Transaction, userId: string, user: NewUser): Present<User> {
  const value = { ...user, auditKey: randomSecret(tx.random) };
  tx.add(ref(userId), value);
  takeName(tx, { userId, username: user.username });
  moveEmail(tx, userId, {}, user.claims);
  return { ref: ref(userId), value, versionstamp: "" }; // none yet: it cannot be replaced in this step
}

/** What others are told of a person; the rest is how they sign in, and what they have ended. */
const told = ["username", "claims", "status", "administrator"] as const;

/** Changes a person. @throws {RecordExists} when the verified address is another's */
export function replace(tx: Transaction, user: Present<User>, changes: Partial<User>) {
  // Clients are told when it was: it must not tell them of each sign-in by an app's code elsewhere.
  const updatedAt = told.some((name) => name in changes) ? tx.now : user.value.updatedAt;
  // A password is its person's own unless the change says otherwise.
  const own = "passwordHash" in changes ? { mustChangePassword: false } : {};
  tx.replace(user, { ...user.value, ...own, ...changes, updatedAt });
  if (changes.claims) moveEmail(tx, idOf(user), user.value.claims, changes.claims);
}

/**
 * Gives a person another name to sign in with.
 *
 * @throws {RecordExists} when it is another's, or looks like another's
 */
export async function rename(tx: Transaction, user: Present<User>, username: string) {
  await changeName(tx, { userId: idOf(user), username: user.value.username }, username);
}

/** Deletes a person, with their passkeys and what they were found by: whatever names them is dead. */
export async function remove(tx: Transaction, user: Present<User>) {
  await giveUpName(tx, { userId: idOf(user), username: user.value.username });
  tx.delete(user);
  // Whoever adds one replaces the record, which is checked: none can come too late to be listed.
  user.value.passkeys.forEach((passkeyId) => passkeys.remove(tx, passkeyId));
  moveEmail(tx, idOf(user), user.value.claims, {});
}

/** The withdrawal after which an application gets what it is given now; null: there is none. */
export function withdrawalFrom({ withdrawals }: User, clientId: string): string | null {
  return withdrawals.find((withdrawal) => withdrawal.clientId === clientId)?.id ?? null;
}

/** Remembers a withdrawal, in the place of an earlier one from the same application. */
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
 * Whether what was given to an application is dead, because it was taken back since.
 *
 * @param after the withdrawal that was the last one when it was given
 */
export function isWithdrawn(user: User, clientId: string, after: string | null): boolean {
  const latest = withdrawalFrom(user, clientId);
  // One that is not remembered any more is so old that nothing from before it is left.
  return latest !== null && latest !== after;
}

/** The public id of a person whose record was read. */
export function idOf(user: Present<User>): string {
  return String(user.ref.key[1]);
}

/** What the secret of a person's authenticator app is sealed for. */
export function totpContext(userId: string): string {
  return `users/${userId}/totp`;
}

function moveEmail(tx: Transaction, userId: string, before: User["claims"], now: User["claims"]) {
  moveAddress(tx, userId, { from: verifiedEmail(before), to: verifiedEmail(now) });
}
