import { z } from "zod";
import {
  type Fresh,
  isFresh,
  isPresent,
  type Present,
  type Spendable,
} from "./engine/collection.ts";
import type { Transaction } from "./engine/transaction.ts";

export const keptAnswerSchema = z.object({
  /** Of the parameters and the key of the request that got it. */
  requestDigest: z.string(),
  /** Sealed with a key derived from the secret that was presented. */
  sealedResponse: z.string(),
  /** Whether a repeat got it. Nothing else may then be issued, even if the first request never got it. */
  repeated: z.boolean().default(false),
  expiresAt: z.int(),
});
/** The answer with the tokens, for a request that repeats the one that got it. */
export type KeptAnswer = z.infer<typeof keptAnswerSchema>;

/** What is used once, for an answer that a failure of the store may keep from its client. */
export interface Answered extends Spendable {
  /** Only in a tombstone: the client never got the answer, so the next use is a retry and no replay. */
  readonly undelivered: boolean;
}

/** What is exchanged, once, for the first tokens of a grant: a code, or a request that a user has allowed. */
export interface Redeemable extends Answered {
  /** For the ID token. */
  readonly nonce: string | null;
  /** Only in a tombstone. Absent or null: a request that comes again is a replay. */
  readonly kept?: KeptAnswer | null;
  readonly expiresAt: number;
}

/**
 * Spends it, in the commit that answers with tokens. The tombstone keeps the bindings, so that a replay ends
 * the grant only if it passes all of them.
 *
 * @param outcome `spentBy`: the digest of the access token; `expiresAt`: epoch seconds, an access token's
 *   lifetime, after which a replay ends nothing; `kept`: for repeats, where they are allowed
 */
export function consume<T extends Redeemable>(
  tx: Transaction,
  entry: Fresh<T>,
  { spentBy, expiresAt, kept }: {
    readonly spentBy: string;
    readonly expiresAt: number;
    readonly kept?: KeptAnswer | null;
  },
) {
  const spent = { ...entry.value, spentBy, undelivered: false, expiresAt };
  tx.replace(entry, kept === undefined ? spent : { ...spent, kept });
  tx.ifUndelivered(async (later) => {
    const { entry: now } = await later.read({ entry: entry.ref });
    if (!isPresent(now) || now.value.spentBy !== spentBy || now.value.kept?.repeated) return;
    later.replace(now, { ...now.value, undelivered: true });
  });
}

/**
 * Notes that a repeat gets the kept answer. A store whose commits have known outcomes needs no note.
 *
 * @param until epoch seconds; until then it may be repeated, if nobody got it before
 */
export function noteRepeat<T extends Redeemable>(
  tx: Transaction,
  entry: Present<T>,
  kept: KeptAnswer,
  until: number,
) {
  const { undelivered } = entry.value;
  if (tx.isLocal || (kept.repeated && !undelivered)) return;
  const expiresAt = undelivered ? until : kept.expiresAt;
  tx.replace(entry, {
    ...entry.value,
    undelivered: false,
    kept: { ...kept, repeated: true, expiresAt },
  });
  const { ref } = entry;
  tx.ifUndelivered(async (later) => {
    const { entry: now } = await later.read({ entry: ref });
    if (isPresent(now)) later.replace(now, { ...now.value, undelivered: true });
  });
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
