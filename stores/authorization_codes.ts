import { z } from "zod";
import { confirmationSchema, withConfirmation, withoutConfirmation } from "./confirmation.ts";
import {
  collection,
  type Fresh,
  isFresh,
  isPresent,
  type Present,
  type Ref,
  type Spendable,
  type Unspent,
} from "./engine/collection.ts";
import { inPlaces } from "./engine/packing.ts";
import type { Transaction } from "./engine/transaction.ts";

const schema = z.object({
  grantId: z.string(),
  clientId: z.string(),
  redirectUri: z.string(),
  /** S256. @see RFC 7636 section 4.2 */
  codeChallenge: z.string().nullable(),
  nonce: z.string().nullable(),
  /** The key that the exchange must prove; null: any key, or none. @see RFC 9449 section 10 */
  confirmation: confirmationSchema.nullable(),
  /** The digest of the access token that the code was exchanged for. With it, the record is a tombstone. */
  spentBy: z.string().nullable(),
  /** Only in a tombstone: the client never got the answer, so the next use is a retry and no replay. */
  undelivered: z.boolean(),
  expiresAt: z.int(),
});
export type AuthorizationCode = z.infer<typeof schema>;
const codes = collection({
  family: "authorization_codes",
  version: 2,
  schema,
  packing: inPlaces<AuthorizationCode>({
    expiresAt: 1,
    grantId: 2,
    clientId: 3,
    redirectUri: 4,
    codeChallenge: 5,
    nonce: 6,
    confirmation: 7,
    spentBy: 8,
    undelivered: 9,
  }),
  upgrades: { 1: withConfirmation },
  // Until the next release: the previous one cannot read version 2 (migrations/README.md).
  writes: { version: 1, downgrade: withoutConfirmation },
});

/** The place of a code, by its digest: the code itself is a secret. */
export function ref(codeDigest: string): Ref<AuthorizationCode> {
  return codes.ref(codeDigest);
}

/** Adds a code under the digest of its fresh secret. */
export function add(
  tx: Transaction,
  codeDigest: string,
  code: Omit<Unspent<AuthorizationCode>, "undelivered">,
) {
  tx.add(ref(codeDigest), { ...code, spentBy: null, undelivered: false });
}

/** Deletes a code that another one replaces. It leaves no tombstone, so a later use of it revokes nothing. */
export function withdraw(tx: Transaction, code: Fresh<AuthorizationCode>) {
  tx.delete(code);
}

/** What is exchanged, once, for the first tokens of a grant: a code, or a request that a user has allowed. */
export interface Redeemable extends Spendable {
  /** For the ID token. */
  readonly nonce: string | null;
  /** Only in a tombstone: the client never got the answer, so the next use is a retry and no replay. */
  readonly undelivered: boolean;
  readonly expiresAt: number;
}

/**
 * Spends it, in the commit that answers with tokens. The tombstone keeps the bindings, so that a replay ends
 * the grant only if it passes all of them.
 *
 * @param spentBy the digest of the access token
 * @param expiresAt epoch seconds; an access token's lifetime, after which a replay ends nothing
 */
export function consume<T extends Redeemable>(
  tx: Transaction,
  entry: Fresh<T>,
  spentBy: string,
  expiresAt: number,
) {
  tx.replace(entry, { ...entry.value, spentBy, undelivered: false, expiresAt });
  tx.ifUndelivered(async (later) => {
    const { entry: now } = await later.read({ entry: entry.ref });
    if (!isPresent(now) || now.value.spentBy !== spentBy) return;
    later.replace(now, { ...now.value, undelivered: true });
  });
}

/**
 * A spent one whose answer was never delivered counts as unspent: a client that retries is not an attacker.
 */
export function asFresh<T extends Redeemable>(entry: Present<T>): Fresh<T> | null {
  if (!entry.value.undelivered) return null;
  const unspent = { ...entry, value: { ...entry.value, spentBy: null } };
  return isFresh(unspent) ? unspent : null;
}
