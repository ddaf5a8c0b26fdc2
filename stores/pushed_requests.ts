import { z } from "zod";
import { secretKey } from "./engine/ids.ts";
import {
  type Collection,
  collection,
  type Entry,
  type Ref,
  type Unspent,
} from "./engine/collection.ts";
import { inPlaces } from "./engine/packing.ts";
import type { Transaction } from "./engine/transaction.ts";

const schema = z.object({
  clientId: z.string(),
  /** The parameters as pushed and checked; empty in a tombstone. */
  parameters: z.record(z.string(), z.union([z.string(), z.array(z.string())])),
  providerEpoch: z.int(),
  /** The client's epoch at the push: the request is invalid once the client's secret has changed. */
  clientEpoch: z.int().default(0),
  /** Tells the client from another one that gets its id later; null: an earlier release stored the request. */
  clientCreatedAt: z.int().nullable().default(null),
  /** Whether it came in an object that the client signed. */
  signed: z.boolean().default(false),
  /** The grant or error that it led to. With it, the record is a tombstone. */
  spentBy: z.string().nullable(),
  expiresAt: z.int(),
});
export type PushedRequest = z.infer<typeof schema>;
const pushedRequests = collection({
  family: "pushed_requests",
  version: 1,
  schema,
  packing: inPlaces<PushedRequest>({
    expiresAt: 1,
    clientId: 2,
    parameters: 3,
    providerEpoch: 4,
    clientEpoch: 5,
    signed: 6,
    spentBy: 7,
    clientCreatedAt: 8,
  }),
});

export const all: Collection<PushedRequest> = pushedRequests;

/** The place of the record of a `request_uri`. The URI is a secret, so the key is a digest. */
export function ref(requestUri: string): Ref<PushedRequest> {
  return refOf(secretKey(requestUri));
}

/** The same, by the digest. */
export function refOf(requestUriDigest: string): Ref<PushedRequest> {
  return pushedRequests.ref(requestUriDigest);
}

export function digestOf(at: Ref<PushedRequest>): string {
  return String(at.key[1]);
}

/** Stores an unspent request, under the digest of a fresh random `request_uri`. @see RFC 9126 section 2.2 */
export function add(tx: Transaction, at: Ref<PushedRequest>, request: Unspent<PushedRequest>) {
  tx.add(at, { ...request, spentBy: null });
}

/**
 * Spends a request, in the commit that answers it. Its tombstone lives longer than every interaction that
 * was started with it, even if the request itself has expired meanwhile.
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
  const clientCreatedAt = entry.value?.clientCreatedAt ?? null;
  const signed = entry.value?.signed ?? false;
  const kept = { providerEpoch, clientEpoch, clientCreatedAt, signed };
  const tombstone = { clientId, parameters: {}, ...kept, spentBy, expiresAt };
  if (entry.value === null) tx.create(entry.ref, tombstone);
  else tx.replace(entry, tombstone);
}
