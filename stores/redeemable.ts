import {
  type Fresh,
  isFresh,
  isPresent,
  type Present,
  type Spendable,
} from "./engine/collection.ts";
import type { Transaction } from "./engine/transaction.ts";

/** What is used once, for an answer that a failure of the store may keep from its client. */
export interface Answered extends Spendable {
  /** Only in a tombstone: the client never got the answer, so the next use is a retry and no replay. */
  readonly undelivered: boolean;
}

/** What is exchanged, once, for the first tokens of a grant: a code, or a request that a user has allowed. */
export interface Redeemable extends Answered {
  /** For the ID token. */
  readonly nonce: string | null;
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
  markIfUndelivered(tx, entry, spentBy);
}

/** Marks what this commit spends, should the answer to this commit never be delivered. */
export function markIfUndelivered<T extends Answered>(
  tx: Transaction,
  { ref }: Fresh<T>,
  spentBy: string,
) {
  tx.ifUndelivered(async (later) => {
    const { entry: now } = await later.read({ entry: ref });
    if (!isPresent(now) || now.value.spentBy !== spentBy) return;
    later.replace(now, { ...now.value, undelivered: true });
  });
}

/**
 * The record as one that can be spent; null if it is spent. One whose answer was never delivered counts as
 * unspent: a client that retries is not an attacker.
 */
export function asFresh<T extends Answered>(entry: Present<T>): Fresh<T> | null {
  if (isFresh(entry)) return entry;
  if (!entry.value.undelivered) return null;
  const unspent = { ...entry, value: { ...entry.value, spentBy: null } };
  return isFresh(unspent) ? unspent : null;
}
