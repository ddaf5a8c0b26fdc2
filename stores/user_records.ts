import { z } from "zod";
import { collection } from "./engine/collection.ts";

const userSchema = z.object({
  username: z.string(),
  /** In the PHC string format; null: no password. */
  passwordHash: z.string().nullable(),
  /** Another person set the password and knows it: it only gives access to the page that sets a new one. */
  mustChangePassword: z.boolean(),
  /** Standard claims under their own names. @see OpenID Connect Core section 5.1 */
  claims: z.record(z.string(), z.unknown()),
  /** Values of claims that an operator has added, by claim. */
  customClaims: z.record(z.string(), z.unknown()).default({}),
  /** The names of the groups that the user is in, sorted. `stores/group_members.ts` finds them by group. */
  groups: z.array(z.string()).default([]),
  status: z.enum(["active", "suspended"]),
  administrator: z.boolean(),
  /**
   * The ids of the user's passkeys, in the order of registration. The list stands in this record so that
   * adding or removing one changes this record: if two requests each remove "the last but one", one
   * conflicts.
   */
  passkeys: z.array(z.string()),
  /** An authenticator app; null: none. @see RFC 6238 */
  totp: z.object({
    /** Sealed with the master key; its context is `totpContext`. */
    sealedSecret: z.string(),
    /** The time step of the last accepted code: no code is accepted twice. */
    lastStep: z.int(),
    createdAt: z.int(),
  }).nullable(),
  /** Digests of the unused codes; null: none were ever created. */
  recoveryCodes: z.object({ digests: z.array(z.string()), createdAt: z.int() }).nullable(),
  /**
   * Applications from which the user withdrew the consent. Everything given to an application stores the
   * latest withdrawal at that time; if another one follows, it is invalid. The list stands in this record
   * because every step that gives or uses access checks this record.
   */
  withdrawals: z.array(z.object({
    clientId: z.string(),
    /** A random id, so that a later withdrawal is never mistaken for this one. */
    id: z.string(),
    at: z.int(),
  })).default([]),
  /** Seals the user's data in audit events. When this record is deleted, that data can no longer be read. */
  auditKey: z.string(),
  /** Raised to end all sessions of the user. */
  sessionEpoch: z.int(),
  /** Raised to end everything of the user: sessions, grants, challenges. */
  epoch: z.int(),
  createdAt: z.int(),
  updatedAt: z.int(),
});
export type User = z.infer<typeof userSchema>;

/** The records of users; `stores/users.ts` has the functions that change them. */
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
