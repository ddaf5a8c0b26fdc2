import { z } from "zod";
import { type CustomClaim, customClaimSchema } from "./custom_claims.ts";
import {
  type Collection,
  collection,
  type Entry,
  type Present,
  type Ref,
} from "./engine/collection.ts";
import type { Entries, Refs, Transaction } from "./engine/transaction.ts";
import * as sessionEnds from "./session_ends.ts";

/** JWS algorithms that this server signs with. @see RFC 7518 section 3.1, RFC 8037 section 3.1 */
export const signingAlgorithms = ["RS256", "ES256", "EdDSA"] as const;
export type SigningAlgorithm = (typeof signingAlgorithms)[number];

const activeKeysSchema = z.object({ RS256: z.string(), ES256: z.string(), EdDSA: z.string() });

const schema = z.object({
  /** Raised when a backup was restored: every record that stores an older epoch is invalid. */
  epoch: z.int(),
  /**
   * The `kid` of the signing key of each algorithm. Each step that issues something signed checks this
   * record.
   */
  activeKeys: activeKeysSchema,
  /** Sealed with the master key, so that a start with another key is refused. */
  masterKeyProof: z.string(),
  /**
   * The claims that operators have added. They stand here because whoever tells claims has read this
   * record anyway.
   */
  customClaims: z.array(customClaimSchema).default([]),
  createdAt: z.int(),
});
export type Provider = z.infer<typeof schema>;
const providers = collection({ family: "provider", version: 1, schema });

export const all: Collection<Provider> = providers;

/** The place of the single record about the server itself. */
export function ref(): Ref<Provider> {
  return providers.ref();
}

/**
 * Like `tx.read`, and also reads the record about the server: every step that issues something, or asks
 * whether something is valid, needs it.
 * @throws if the first start never finished
 */
export async function read<R extends Refs>(
  tx: Transaction,
  refs: R,
  prefetched: readonly Ref<unknown>[] = [],
): Promise<Entries<R> & { readonly provider: Provider }> {
  const found = await tx.read(refs, [ref(), ...prefetched]);
  return { ...found, provider: assertProvider(tx.fetched(ref())) };
}

/** The record; it exists since the first start. @throws if the first start never finished */
export function assertProvider(entry: Entry<Provider>): Provider {
  if (entry.value !== null) return entry.value;
  throw new Error("the store has no provider record: the first boot did not finish");
}

/** The claims that operators have added, in a step that has read the record. */
export function fetchedCustomClaims(tx: Transaction): readonly CustomClaim[] {
  return assertProvider(tx.fetched(ref())).customClaims;
}

export function create(tx: Transaction, provider: Provider) {
  tx.create(ref(), provider);
}

/** Makes other keys the signing keys, from this commit on. */
export function activateKeys(
  tx: Transaction,
  provider: Present<Provider>,
  keys: Partial<Record<SigningAlgorithm, string>>,
) {
  const activeKeys = { ...provider.value.activeKeys, ...keys };
  tx.replace(provider, { ...provider.value, activeKeys });
}

/** Sets the claims that operators have added. */
export function setCustomClaims(
  tx: Transaction,
  provider: Present<Provider>,
  customClaims: CustomClaim[],
) {
  tx.replace(provider, { ...provider.value, customClaims });
}

/** Invalidates every record that stores an older epoch, in one write. @returns the new epoch */
export function raiseEpoch(tx: Transaction, provider: Present<Provider>): number {
  const epoch = provider.value.epoch + 1;
  tx.replace(provider, { ...provider.value, epoch });
  sessionEnds.addSweep(tx, null);
  return epoch;
}

/** Stores the proof of the new master key, after a rotation. */
export function keepMasterKeyProof(tx: Transaction, provider: Present<Provider>, proof: string) {
  tx.replace(provider, { ...provider.value, masterKeyProof: proof });
}
