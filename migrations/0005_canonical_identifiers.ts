import { createHash } from "node:crypto";
import { z } from "zod";
import { parseMailAddress, tidyMailAddress } from "../src/identifiers/mail_address.ts";
import { skeleton } from "../src/identifiers/skeleton.ts";
import { isAddressLike, normalName } from "../src/identifiers/username.ts";
import * as auditEvents from "../stores/audit_events.ts";
import { collection, type Present } from "../stores/engine/collection.ts";
import type { Transaction } from "../stores/engine/transaction.ts";
import { eachRecord } from "./each_record.ts";
import type { Migration, MigrationContext } from "./migration.ts";

// Loose, to leave everything else of a person as it is.
const userSchema = z.looseObject({
  username: z.string(),
  claims: z.record(z.string(), z.unknown()),
  updatedAt: z.int(),
});
type User = z.infer<typeof userSchema>;
const upgrades = { 1: (user: unknown) => user };
const users = collection({ family: "users", version: 2, schema: userSchema, upgrades });
const usersByName = collection({
  family: "users_by_name",
  version: 1,
  schema: z.object({ owners: z.array(z.object({ name: z.string(), userId: z.string() })).min(1) }),
});
const usersByAddress = collection({
  family: "users_by_address",
  version: 1,
  schema: z.object({ userId: z.string() }),
});
/** The indexes of the releases before. */
const before = z.object({ userId: z.string() });
const usersByUsername = collection({ family: "users_by_username", version: 1, schema: before });
const usersByEmail = collection({ family: "users_by_email", version: 1, schema: before });

/**
 * Finds people by the canonical form of their name and of their mail address, instead of by one of several
 * spellings. Accounts whose names look alike keep their names; of two that verified one address in two
 * spellings, the one whose record comes first keeps it. The log names both: nothing is merged.
 */
export const migration: Migration = {
  description: "find people by the canonical form of their name and mail address",
  // An earlier release reads and writes the indexes that are gone.
  worksFrom: 5,
  run: (context) =>
    eachRecord(context, {
      collection: users,
      atOnce: 1, // each reads two entries more, and two people could want the same one
      async visit(tx, user) {
        const claims = await indexAddress(context, tx, user);
        if (claims !== null) tx.replace(user, { ...user.value, claims, updatedAt: tx.now });
        await indexName(context, tx, user);
        if (isForeignName(user.value)) {
          context.progress(
            `the username of person ${idOf(user)} is a mail address that is not their verified one`,
          );
        }
        tx.end(usersByUsername.ref(spellingBefore(user.value.username)));
        const { email } = user.value.claims;
        if (typeof email === "string") tx.end(usersByEmail.ref(spellingBefore(email)));
      },
    }),
};

/** @returns the claims that the person gets; null: they are right as they are */
async function indexAddress(context: MigrationContext, tx: Transaction, user: Present<User>) {
  const { email, email_verified } = user.value.claims;
  if (typeof email !== "string") return null;
  const [address, tidy] = [parseMailAddress(email), tidyMailAddress(email)];
  if (address === null || tidy === null) return null;
  const claims = tidy === email ? null : { ...user.value.claims, email: tidy };
  if (email_verified !== true) return claims;
  const at = usersByAddress.ref(shortDigest(address));
  const { owner } = await tx.read({ owner: at });
  if (owner.value === null) tx.create(at, { userId: idOf(user) });
  if ((owner.value?.userId ?? idOf(user)) === idOf(user)) return claims;
  context.progress(
    `the address of person ${idOf(user)} is that of person ${owner.value?.userId}, in another \
spelling: not verified any more`,
  );
  // The log is of this release, so its own verb writes to it.
  auditEvents.append(tx, {
    type: "user_updated",
    userId: idOf(user),
    reason: "address_of_another",
  });
  return { ...user.value.claims, email: tidy, email_verified: false };
}

async function indexName(context: MigrationContext, tx: Transaction, user: Present<User>) {
  const userId = idOf(user);
  const name = normalName(user.value.username);
  const at = usersByName.ref(shortDigest(skeleton(name)));
  const { found } = await tx.read({ found: at });
  if (found.value === null) {
    tx.create(at, { owners: [{ name, userId }] });
    return;
  }
  const { owners } = found.value;
  if (owners.some((owner) => owner.userId === userId)) return;
  tx.replace(found, { owners: [...owners, { name, userId }] });
  context.progress(
    `the username of person ${userId} looks like that of person ${owners[0]?.userId}: both stay`,
  );
}

function isForeignName({ username, claims }: User): boolean {
  if (!isAddressLike(username)) return false;
  const proved = claims.email_verified === true && typeof claims.email === "string"
    ? parseMailAddress(claims.email)
    : null;
  return proved === null || parseMailAddress(username) !== proved;
}

function idOf(user: Present<User>): string {
  return String(user.ref.key[1]);
}

/** As keys were made before. */
function spellingBefore(text: string): string {
  return text.slice(0, 1024).normalize("NFKC").toLowerCase().trim().slice(0, 256);
}

function shortDigest(text: string): string {
  return createHash("sha256").update(text).digest("base64url");
}
