import { z } from "zod";
import { digest } from "../src/crypto/digest.ts";
import {
  type Collection,
  collection,
  type Entry,
  type Ref,
  type Unspent,
} from "./engine/collection.ts";
import type { Transaction } from "./engine/transaction.ts";

const schema = z.object({
  clientId: z.string(),
  /** As they were pushed and checked; none in a tombstone. */
  parameters: z.record(z.string(), z.union([z.string(), z.array(z.string())])),
  providerEpoch: z.int(),
  /** The client's epoch when it pushed: a request is as good as the secret that came with it. */
  clientEpoch: z.int().default(0),
  /** The grant (or error) it led to; a record that has one is a tombstone. */
  spentBy: z.string().nullable(),
  expiresAt: z.int(),
});
export type PushedRequest = z.infer<typeof schema>;
const pushedRequests = collection({ family: "pushed_requests", version: 1, schema });

export const all: Collection<PushedRequest> = pushedRequests;

/** Points at the record of a `request_uri`, which is a secret: its key is a digest. */
export async function ref(requestUri: string): Promise<Ref<PushedRequest>> {
  return refOf(await digest(requestUri));
}

/** The same, where the digest is what was kept. */
export function refOf(requestUriDigest: string): Ref<PushedRequest> {
  return pushedRequests.ref(requestUriDigest);
}

export function digestOf(at: Ref<PushedRequest>): string {
  return String(at.key[1]);
}

/** Keeps a request, unspent, under the digest of a fresh random `request_uri`. @see RFC 9126 section 2.2 */
export function add(tx: Transaction, at: Ref<PushedRequest>, request: Unspent<PushedRequest>) {
  tx.add(at, { ...request, spentBy: null });
}

/**
 * Spends a request, in the commit that answers it. Its tombstone outlasts every interaction that was
 * begun with it, also where the request itself has expired meanwhile.
 *
 * @param entry unspent or expired, never a tombstone
 * @param expiresAt epoch seconds
 * @see RFC 9126 section 7.3
 */
export function consume(
  tx: Transaction,
  entry: Entry<PushedRequest>,
  { clientId, spentBy, expiresAt }: { clientId: string; spentBy: string; expiresAt: number },
) {
  const providerEpoch = entry.value?.providerEpoch ?? 0;
  const clientEpoch = entry.value?.clientEpoch ?? 0;
  const tombstone = { clientId, parameters: {}, providerEpoch, clientEpoch, spentBy, expiresAt };
  if (entry.value === null) tx.create(entry.ref, tombstone);
  else tx.replace(entry, tombstone);
}
