import { z } from "zod";
import { collection, type Entry, type Present, type Ref } from "./engine/collection.ts";
import type { Entries, Refs, Transaction } from "./engine/transaction.ts";

/** JWS algorithms that this server signs with. @see RFC 7518 section 3.1, RFC 8037 section 3.1 */
export const signingAlgorithms = ["RS256", "ES256", "EdDSA"] as const;
export type SigningAlgorithm = (typeof signingAlgorithms)[number];

const activeKeysSchema = z.object({ RS256: z.string(), ES256: z.string(), EdDSA: z.string() });

const schema = z.object({
  /** Raised when a backup was restored: all that remembers an older one is dead. */
  epoch: z.int(),
  /** The `kid` that signs, by algorithm. Each step that issues something signed checks this record. */
  activeKeys: activeKeysSchema,
  /** Sealed with the master key, so that a boot with another one is refused. */
  masterKeyProof: z.string(),
  createdAt: z.int(),
});
export type Provider = z.infer<typeof schema>;
const providers = collection({ family: "provider", version: 1, schema });

/** Points at the one record about the server itself. */
export function ref(): Ref<Provider> {
  return providers.ref();
}

/**
 * Like `tx.read`, with the record about the server beside the others: every step that issues something,
 * or asks whether something still lives, reads it.
 *
 * @throws if the first boot never finished
 */
export async function read<R extends Refs>(
  tx: Transaction,
  refs: R,
  along: readonly Ref<unknown>[] = [],
): Promise<Entries<R> & { readonly provider: Provider }> {
  const found = await tx.read(refs, [ref(), ...along]);
  const { provider } = await tx.read({ provider: ref() }); // of the same batch
  return { ...found, provider: assertProvider(provider) };
}

/** The record, which is there since the first boot. @throws if that never finished */
export function assertProvider(entry: Entry<Provider>): Provider {
  if (entry.value !== null) return entry.value;
  throw new Error("the store has no provider record: the first boot did not finish");
}

export function create(tx: Transaction, provider: Provider) {
  tx.create(ref(), provider);
}

/** Lets other keys sign, from this commit on. */
export function activateKeys(
  tx: Transaction,
  provider: Present<Provider>,
  keys: Partial<Record<SigningAlgorithm, string>>,
) {
  const activeKeys = { ...provider.value.activeKeys, ...keys };
  tx.replace(provider, { ...provider.value, activeKeys });
}

/** Ends all that remembers an older epoch, in one write. @returns the new one */
export function raiseEpoch(tx: Transaction, provider: Present<Provider>): number {
  const epoch = provider.value.epoch + 1;
  tx.replace(provider, { ...provider.value, epoch });
  return epoch;
}

/** Keeps the proof of another master key, after a rotation of it. */
export function keepMasterKeyProof(tx: Transaction, provider: Present<Provider>, proof: string) {
  tx.replace(provider, { ...provider.value, masterKeyProof: proof });
}
