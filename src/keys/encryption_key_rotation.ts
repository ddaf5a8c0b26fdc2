import * as auditEvents from "../../stores/audit_events.ts";
import * as encryptionKeys from "../../stores/encryption_keys.ts";
import {
  type EncryptionKey,
  type EncryptionKeys,
  type EncryptionKeyType,
  encryptionKeyTypes,
} from "../../stores/encryption_keys.ts";
import { isPresent, type Present } from "../../stores/engine/collection.ts";
import { systemOrigin, type Transaction } from "../../stores/engine/transaction.ts";
import type { Deps } from "../deps/deps.ts";
import { newEncryptionKey } from "./encryption_key.ts";

/** Seconds for which a replaced key decrypts: clients may have cached the JWKS, or signed a request before. */
export const decryptsFor = 24 * 60 * 60;

/** No client has registered for this type of key. */
export class UnknownEncryptionKey extends Error {
  override readonly name = "UnknownEncryptionKey";
}

/** The key was replaced less than `decryptsFor` ago. It holds the number of seconds to wait. */
export class RotatedRecently extends Error {
  override readonly name = "RotatedRecently";
  constructor(readonly seconds: number) {
    super(`the key before this one decrypts for ${seconds} seconds more`);
  }
}

/**
 * Publishes another key. The present one decrypts for a day more.
 *
 * @param key made before the step, because that takes a while
 * @returns the `kid` of the key that was replaced
 * @throws {UnknownEncryptionKey}
 * @throws {RotatedRecently} while the key before this one decrypts: it would be lost
 */
export async function addEncryptionKeyRotation(
  tx: Transaction,
  kty: EncryptionKeyType,
  key: EncryptionKey,
): Promise<string> {
  const keys = await readKeys(tx, kty);
  const wait = (keys.value.previous?.usableUntil ?? 0) - tx.now;
  if (wait > 0) throw new RotatedRecently(wait);
  encryptionKeys.rotate(tx, keys, key, tx.now + decryptsFor);
  auditEvents.append(tx, { type: "encryption_key_rotated", about: key.kid });
  return keys.value.current.kid;
}

/**
 * Replaces a key that may have been stolen. What clients have encrypted for it, or for the one before, is
 * refused from this commit on.
 *
 * @returns the `kid` of the key that was withdrawn
 * @throws {UnknownEncryptionKey}
 */
export async function addEncryptionKeyWithdrawal(
  tx: Transaction,
  kty: EncryptionKeyType,
  key: EncryptionKey,
): Promise<string> {
  const keys = await readKeys(tx, kty);
  encryptionKeys.withdraw(tx, keys, key);
  const { kid } = keys.value.current;
  auditEvents.append(tx, { type: "encryption_key_withdrawn", about: kid });
  auditEvents.append(tx, { type: "encryption_key_rotated", about: key.kid });
  return kid;
}

/**
 * Replaces each key that has been published for as long as a key signs, and deletes what decrypts nothing any
 * more. If several processes do so at once, one does it.
 *
 * @returns the types whose keys this process has replaced
 */
export async function rotateDueEncryptionKeys(deps: Deps): Promise<EncryptionKeyType[]> {
  const rotated: EncryptionKeyType[] = [];
  for (const kty of encryptionKeyTypes) {
    // Check first: on most days no key is due, and none has to be made.
    const due = await deps.kv.step(systemOrigin, async (tx) => {
      const { keys } = await tx.read({ keys: encryptionKeys.ref(kty) });
      if (!isPresent(keys)) return false;
      if (isDue(deps, tx, keys.value)) return true;
      forgetExpired(tx, keys);
      return false;
    });
    if (!due) continue;
    const key = await newEncryptionKey(deps, kty, deps.clock.seconds());
    const done = await deps.kv.step(systemOrigin, async (tx) => {
      const { keys } = await tx.read({ keys: encryptionKeys.ref(kty) });
      if (!isPresent(keys) || !isDue(deps, tx, keys.value)) return false;
      await addEncryptionKeyRotation(tx, kty, key);
      return true;
    });
    if (done) rotated.push(kty);
  }
  return rotated;
}

/** Whether a key has been published for its full period, and the one before decrypts nothing any more. */
function isDue({ config }: Deps, { now }: Transaction, keys: EncryptionKeys): boolean {
  return encryptionKeys.usableKeys(keys, now).length === 1 &&
    now - keys.current.createdAt >= config.lifetimes.signingKey;
}

function forgetExpired(tx: Transaction, keys: Present<EncryptionKeys>) {
  const { previous } = keys.value;
  if (previous !== null && tx.now >= previous.usableUntil) encryptionKeys.forgetPrevious(tx, keys);
}

async function readKeys(tx: Transaction, kty: EncryptionKeyType): Promise<Present<EncryptionKeys>> {
  const { keys } = await tx.read({ keys: encryptionKeys.ref(kty) });
  if (isPresent(keys)) return keys;
  throw new UnknownEncryptionKey();
}
