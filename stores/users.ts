import { z } from "zod";
import { randomId, randomSecret } from "../src/crypto/random.ts";
import { type Collection, collection, type Present, type Ref } from "./engine/collection.ts";
import * as passkeys from "./passkeys.ts";
import { id, type Transaction } from "./engine/transaction.ts";

const schema = z.object({
  username: z.string(),
  /** In the PHC string format; null: no password. */
  passwordHash: z.string().nullable(),
  /** Standard claims under their own names. @see OpenID Connect Core section 5.1 */
  claims: z.record(z.string(), z.unknown()),
  status: z.enum(["active", "suspended"]),
  administrator: z.boolean(),
  /**
   * The ids of their passkeys' records, in the order in which they came. They stand here so that who
   * adds or removes one replaces this record: of two who each remove "the last but one", one is late.
   */
  passkeys: z.array(z.string()),
  /** An authenticator app; null: none. @see RFC 6238 */
  totp: z.object({
    /** Under the master key; its context is `totpContext`. */
    sealedSecret: z.string(),
    /** The time step of the last code that was taken: no code is taken twice. */
    lastStep: z.int(),
    createdAt: z.int(),
  }).nullable(),
  /** Digests of those that are left; null: none were ever made. */
  recoveryCodes: z.object({ digests: z.array(z.string()), createdAt: z.int() }).nullable(),
  /**
   * Applications from which they took back what they had allowed. All that is given to one remembers the
   * withdrawal it came after; what remembers another one is dead. It stands here because whatever
   * gives or uses access checks this record.
   */
  withdrawals: z.array(z.object({
    clientId: z.string(),
    /** A random id, so that no later withdrawal is taken for it. */
    id: z.string(),
    at: z.int(),
  })).default([]),
  /** Seals what audit events tell of the person; without this record they tell nothing. */
  auditKey: z.string(),
  /** Raised to end all of the person's sessions. */
  sessionEpoch: z.int(),
  /** Raised to end all that the person has: sessions, grants, challenges. */
  epoch: z.int(),
  createdAt: z.int(),
  updatedAt: z.int(),
});
export type User = z.infer<typeof schema>;
/** The key is made with the record. */
export type NewUser = Omit<User, "auditKey">;
const users = collection({
  family: "users",
  version: 2,
  schema,
  upgrades: {
    1: (user) => ({ ...asObject(user), passkeys: [], totp: null, recoveryCodes: null }),
  },
});
const usersByUsername = collection({
  family: "users_by_username",
  version: 1,
  schema: z.object({ userId: z.string() }),
  target: (_, { userId }) => ref(userId),
});

const usersByEmail = collection({
  family: "users_by_email",
  version: 1,
  schema: z.object({ userId: z.string() }),
  target: (_, { userId }) => ref(userId),
});

export const all: Collection<User> = users;

export function ref(userId: string): Ref<User> {
  return users.ref(userId);
}

/** Points at the id of the person of that name, in any spelling that people take for the same. */
export function usernameRef(username: string): Ref<{ userId: string }> {
  return usersByUsername.ref(normalName(username));
}

/** Points at the id of the one person who has proved that this mail address is theirs. */
export function emailRef(address: string): Ref<{ userId: string }> {
  return usersByEmail.ref(normalName(address));
}

/** Whether two names, or two mail addresses, are taken for the same. */
export function isSameName(one: string, other: string): boolean {
  return normalName(one) === normalName(other);
}

/** The address at which a person is certain to be reached; null if there is none. */
export function verifiedEmail({ email, email_verified }: User["claims"]): string | null {
  if (email_verified !== true || typeof email !== "string" || email.length > 254) return null;
  return /^[^\s@\p{Cc}]+@[^\s@\p{Cc}]+$/u.test(email) ? email : null;
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
  tx.create(usernameRef(user.username), { userId });
  moveEmail(tx, userId, {}, user.claims);
  return { ref: ref(userId), value, versionstamp: "" }; // none yet: it cannot be replaced in this step
}

/** What others are told of a person; the rest is how they sign in, and what they have ended. */
const told = ["username", "claims", "status", "administrator"] as const;

/** Changes a person. @throws {RecordExists} when the verified address is another's */
export function replace(tx: Transaction, user: Present<User>, changes: Partial<User>) {
  // Clients are told when it was: it must not tell them of each sign-in by an app's code elsewhere.
  const updatedAt = told.some((name) => name in changes) ? tx.now : user.value.updatedAt;
  tx.replace(user, { ...user.value, ...changes, updatedAt });
  if (changes.claims) moveEmail(tx, idOf(user), user.value.claims, changes.claims);
}

/** Gives a person another name to sign in with. @throws {RecordExists} when it is another's */
export function rename(tx: Transaction, user: Present<User>, username: string) {
  const [from, to] = [user.value.username, username].map(usernameRef);
  if (!from || !to || id(from.key) === id(to.key)) return; // the same name, spelt otherwise
  tx.end(from); // it is this person's for as long as their record says so, and that is checked
  tx.create(to, { userId: idOf(user) });
}

/** Deletes a person, with their passkeys and what they were found by: whatever names them is dead. */
export function remove(tx: Transaction, user: Present<User>) {
  tx.delete(user);
  // Whoever adds one replaces the record, which is checked: none can come too late to be listed.
  user.value.passkeys.forEach((passkeyId) => passkeys.remove(tx, passkeyId));
  tx.end(usernameRef(user.value.username));
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

function asObject(record: unknown): object {
  return typeof record === "object" && record !== null ? record : {};
}

function moveEmail(tx: Transaction, userId: string, before: User["claims"], now: User["claims"]) {
  const [from, to] = [before, now].map(verifiedEmail);
  if (from && to && isSameName(from, to)) return;
  if (from) tx.end(emailRef(from)); // it is this person's: a verified address is nobody else's
  if (to) tx.create(emailRef(to), { userId });
}

// NFKC, so that full-width or composed letters are no second account of the same look. What is
// longer than any name finds nobody: a key is at most 256 characters of what comes from outside.
function normalName(name: string): string {
  return name.slice(0, longestName).normalize("NFKC").toLowerCase().trim().slice(0, 256);
}

/**
 * What is longer is no name, however it is composed. To put 30,000 accents into their order takes
 * seconds: what comes from outside is measured before it is normalised.
 */
export const longestName = 1024;
