import { z } from "zod";
import { type Collection, collection, type Present, type Ref } from "./engine/collection.ts";
import type { Transaction } from "./engine/transaction.ts";
import type { requestEncryptionAlgorithms } from "./signed_messages.ts";
import { noteChange } from "./signing_keys.ts";

/** The types of keys that clients can encrypt their request objects for. */
export const encryptionKeyTypes = ["EC", "RSA"] as const;
export type EncryptionKeyType = (typeof encryptionKeyTypes)[number];

export type EncryptionAlgorithm = (typeof requestEncryptionAlgorithms)[number];

/** The type of the key that an algorithm needs. */
export function keyTypeOf(alg: EncryptionAlgorithm): EncryptionKeyType {
  return alg === "RSA-OAEP-256" ? "RSA" : "EC";
}

const keySchema = z.object({
  kid: z.string(),
  /** A JWK without private members, with the `use` `enc`. */
  publicJwk: z.record(z.string(), z.unknown()),
  /** A JWK, sealed with the master key. */
  sealedPrivateJwk: z.string(),
  createdAt: z.int(),
});
export type EncryptionKey = z.infer<typeof keySchema>;

const schema = z.object({
  kty: z.enum(encryptionKeyTypes),
  /** The JWKS shows it. */
  current: keySchema,
  /** The key before it, which decrypts until its end (epoch seconds); null: none. */
  previous: keySchema.extend({ usableUntil: z.int() }).nullable(),
});
/** The keys of one type, in one record: a rotation replaces it. */
export type EncryptionKeys = z.infer<typeof schema>;
const encryptionKeys = collection({ family: "encryption_keys", version: 1, schema });

export const all: Collection<EncryptionKeys> = encryptionKeys;

export function ref(kty: EncryptionKeyType): Ref<EncryptionKeys> {
  return encryptionKeys.ref(kty);
}

/** The encryption context of the private halves. */
export function contextOf(kty: string): string {
  return `encryption_keys/${kty}`;
}

/** The keys that decrypt at this moment, the one in the JWKS first. @param now epoch seconds */
export function usableKeys({ current, previous }: EncryptionKeys, now: number): EncryptionKey[] {
  return previous !== null && now < previous.usableUntil ? [current, previous] : [current];
}

/** Stores the first key of a type. */
export function create(tx: Transaction, kty: EncryptionKeyType, current: EncryptionKey) {
  tx.create(ref(kty), { kty, current, previous: null });
  noteChange(tx);
}

/** Publishes another key. @param usableUntil epoch seconds until which the present one decrypts */
export function rotate(
  tx: Transaction,
  keys: Present<EncryptionKeys>,
  current: EncryptionKey,
  usableUntil: number,
) {
  const previous = { ...keys.value.current, usableUntil };
  tx.replace(keys, { ...keys.value, current, previous });
  noteChange(tx);
}

/** Publishes another key, and forgets all others: what was encrypted for them stays closed. */
export function withdraw(tx: Transaction, keys: Present<EncryptionKeys>, current: EncryptionKey) {
  tx.replace(keys, { ...keys.value, current, previous: null });
  noteChange(tx);
}

/** Deletes a key that decrypts nothing any more. */
export function forgetPrevious(tx: Transaction, keys: Present<EncryptionKeys>) {
  tx.replace(keys, { ...keys.value, previous: null });
}
