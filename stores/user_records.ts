import { z } from "zod";
import { collection } from "./engine/collection.ts";

export const userSchema = z.object({
  username: z.string(),
  /** In the PHC string format; null: no password. */
  passwordHash: z.string().nullable(),
  /** Somebody else set it, and knows it: it opens nothing but the page where another one is chosen. */
  mustChangePassword: z.boolean(),
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
export type User = z.infer<typeof userSchema>;

/** The records of people; `stores/users.ts` has the verbs. */
export const userRecords = collection({
  family: "users",
  version: 3,
  schema: userSchema,
  upgrades: {
    1: (user) => ({ ...asObject(user), passkeys: [], totp: null, recoveryCodes: null }),
    2: (user) => ({ ...asObject(user), mustChangePassword: false }),
  },
});
function asObject(record: unknown): object {
  return typeof record === "object" && record !== null ? record : {};
}
