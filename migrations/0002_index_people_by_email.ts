import { z } from "zod";
import * as auditEvents from "../stores/audit_events.ts";
import { collection, type Present } from "../stores/engine/collection.ts";
import type { Transaction } from "../stores/engine/transaction.ts";
import { eachRecord } from "./each_record.ts";
import type { Migration } from "./migration.ts";

// Loose, to leave everything else of a person as it is.
const userSchema = z.looseObject({
  claims: z.record(z.string(), z.unknown()),
  updatedAt: z.int(),
});
type User = z.infer<typeof userSchema>;
const users = collection({ family: "users", version: 1, schema: userSchema });
const usersByEmail = collection({
  family: "users_by_email",
  version: 1,
  schema: z.object({ userId: z.string() }),
  target: (_, { userId }) => users.ref(userId),
});

/**
 * Finds people by the mail address that was verified for them, as a password reset does. An address
 * belongs to one person from here on: of two who have the same, the one whose record comes first keeps
 * it, and the other's counts as not verified.
 */
export const migration: Migration = {
  description: "find people by their verified mail address",
  // An earlier release changes an address without its entry.
  worksFrom: 2,
  run: (context) =>
    eachRecord(context, {
      collection: users,
      atOnce: 3, // each needs a second check for its entry, and there are 7 in all
      async visit(tx, user) {
        const address = verifiedEmail(user.value.claims);
        if (address === null) return;
        const userId = String(user.ref.key[1]);
        const at = usersByEmail.ref(address);
        const { entry } = await tx.read({ entry: at });
        const owner = entry.value?.userId ?? ownersOf(tx).get(address);
        if (owner === undefined) {
          tx.create(at, { userId });
          ownersOf(tx).set(address, userId);
        } else if (owner !== userId) {
          unverify(tx, user);
          context.progress(`the address of person ${userId} is another's: not verified any more`);
        }
      },
    }),
};

/** Who got which address in this commit: a read shows only what was there before it. */
function ownersOf(tx: Transaction): Map<string, string> {
  const known = owners.get(tx) ?? new Map<string, string>();
  owners.set(tx, known);
  return known;
}

const owners = new WeakMap<Transaction, Map<string, string>>();

function unverify(tx: Transaction, user: Present<User>) {
  const claims = { ...user.value.claims, email_verified: false };
  tx.replace(user, { ...user.value, claims, updatedAt: tx.now });
  // The log is of this release, so its own verb writes to it.
  auditEvents.append(tx, {
    type: "user_updated",
    userId: String(user.ref.key[1]),
    reason: "address_of_another",
  });
}

/** In its normal form, or null. */
function verifiedEmail({ email, email_verified }: Record<string, unknown>): string | null {
  if (email_verified !== true || typeof email !== "string" || email.length > 254) return null;
  if (!/^[^\s@\p{Cc}]+@[^\s@\p{Cc}]+$/u.test(email)) return null;
  return email.normalize("NFKC").toLowerCase().trim().slice(0, 256);
}
