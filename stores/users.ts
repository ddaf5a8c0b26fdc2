import { z } from "zod";
import { type Collection, collection, type Present, type Ref } from "./collection.ts";
import type { Transaction } from "./transaction.ts";

const schema = z.object({
  username: z.string(),
  /** In the PHC string format; null: no password. */
  passwordHash: z.string().nullable(),
  /** Standard claims under their own names. @see OpenID Connect Core section 5.1 */
  claims: z.record(z.string(), z.unknown()),
  status: z.enum(["active", "suspended"]),
  administrator: z.boolean(),
  /** Raised to end all of the person's sessions. */
  sessionEpoch: z.int(),
  /** Raised to end all that the person has: sessions, grants, challenges. */
  epoch: z.int(),
  createdAt: z.int(),
  updatedAt: z.int(),
});
export type User = z.infer<typeof schema>;
const users = collection({ family: "users", version: 1, schema });
const usersByUsername = collection({
  family: "users_by_username",
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
  return usersByUsername.ref(normalUsername(username));
}

/** Creates a person. @throws {RecordExists} when the name is taken */
export function create(tx: Transaction, userId: string, user: User) {
  tx.add(ref(userId), user);
  tx.create(usernameRef(user.username), { userId });
}

export function replace(tx: Transaction, user: Present<User>, changes: Partial<User>) {
  tx.replace(user, { ...user.value, ...changes, updatedAt: tx.now });
}

/** The public id of a person whose record was read. */
export function idOf(user: Present<User>): string {
  return String(user.ref.key[1]);
}

// NFKC, so that full-width or composed letters are no second account of the same look. What is
// longer than any name finds nobody: a key is at most 256 characters of what comes from outside.
function normalUsername(username: string): string {
  return username.normalize("NFKC").toLowerCase().trim().slice(0, 256);
}
