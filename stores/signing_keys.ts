import { z } from "zod";
import { randomId } from "../src/crypto/random.ts";
import { type Collection, collection, type Present, type Ref } from "./engine/collection.ts";
import { type Provider, type SigningAlgorithm, signingAlgorithms } from "./provider.ts";
import type { Transaction } from "./engine/transaction.ts";

const schema = z.object({
  kid: z.string(),
  alg: z.enum(signingAlgorithms),
  /** A JWK without private members. */
  publicJwk: z.record(z.string(), z.unknown()),
  /** A JWK, sealed with the master key. */
  sealedPrivateJwk: z.string(),
  createdAt: z.int(),
  activatedAt: z.int().nullable(),
  retiredAt: z.int().nullable(),
  /** Shown in the JWKS until the last token that it signed has expired; null: while it signs. */
  publishedUntil: z.int().nullable(),
  /** Until then it verifies an `id_token_hint`: as long as a session can last. */
  expiresAt: z.int().nullable(),
});
export type SigningKey = z.infer<typeof schema>;
const signingKeys = collection({ family: "signing_keys", version: 1, schema });

export const all: Collection<SigningKey> = signingKeys;

export function ref(kid: string): Ref<SigningKey> {
  return signingKeys.ref(kid);
}

/**
 * The last change of any key, so that whoever keeps a list of all keys reads one record to know whether it
 * is still right.
 */
const changes = collection({
  family: "signing_key_changes",
  version: 1,
  schema: z.object({ changeId: z.string() }),
});
type Change = { changeId: string };

/** The place of the single record that each change of a key replaces. */
export function changeRef(): Ref<Change> {
  return changes.ref();
}

/**
 * Notes a change of a key that the JWKS shows. Its id is fresh, so it is written without a check: two changes
 * at once are two changes.
 */
export function noteChange(tx: Transaction) {
  tx.add(changeRef(), { changeId: randomId(tx.random) });
}

/** Adds a key, under its random `kid`. */
export function add(tx: Transaction, key: SigningKey) {
  tx.add(ref(key.kid), key);
  noteChange(tx);
}

/** Deletes a key at once, wherever it is in its life. */
export function withdraw(tx: Transaction, key: Present<SigningKey>) {
  tx.delete(key);
  noteChange(tx);
}

/** Marks a key as signing. The provider's record decides which key signs. */
export function activate(tx: Transaction, key: Present<SigningKey>) {
  tx.replace(key, { ...key.value, activatedAt: tx.now });
  noteChange(tx);
}

/**
 * Stops a key from signing.
 * @param publishedUntil epoch seconds at which the last token that it signed has expired
 * @param expiresAt epoch seconds until which it still verifies an `id_token_hint`
 */
export function retire(
  tx: Transaction,
  key: Present<SigningKey>,
  { publishedUntil, expiresAt }: { readonly publishedUntil: number; readonly expiresAt: number },
) {
  tx.replace(key, { ...key.value, retiredAt: tx.now, publishedUntil, expiresAt });
  noteChange(tx);
}

export type SigningKeyState = "next" | "active" | "retired";

/**
 * The state in a key's life. The previous release drops most algorithms from the provider's record when it
 * rewrites that. A key of such an algorithm stays active: it signs again when a client next needs it.
 */
export function stateOf(key: SigningKey, { activeKeys }: Provider): SigningKeyState {
  if (key.retiredAt !== null) return "retired";
  const active = activeKeys[key.alg];
  if (active === key.kid) return "active";
  if (key.activatedAt === null) return "next";
  return active === undefined ? "active" : "retired";
}

/** The key of an algorithm that has signed and was never replaced; undefined: there is none. */
export function keyThatSigned(
  keys: readonly SigningKey[],
  alg: SigningAlgorithm,
): SigningKey | undefined {
  return keys.find((key) => key.alg === alg && key.activatedAt !== null && key.retiredAt === null);
}

/** The published key of an algorithm that has not signed yet; undefined: there is none. */
export function nextKey(
  keys: readonly SigningKey[],
  alg: SigningAlgorithm,
): SigningKey | undefined {
  return keys.find((key) => key.alg === alg && key.activatedAt === null);
}
