import { compactDecrypt, type CryptoKey, importJWK } from "jose";
import * as encryptionKeys from "../../stores/encryption_keys.ts";
import {
  contextOf,
  type EncryptionAlgorithm,
  type EncryptionKey,
  type EncryptionKeyType,
  keyTypeOf,
} from "../../stores/encryption_keys.ts";
import { perObject } from "../../stores/engine/store_memory.ts";
import type { Transaction } from "../../stores/engine/transaction.ts";
import type { MasterKey } from "../crypto/master_key.ts";
import type { Deps } from "../deps/deps.ts";

/** No key of this server opens it. */
export class NotDecrypted extends Error {
  override readonly name = "NotDecrypted";
}

/**
 * Decrypts what somebody has encrypted for this server. A key that was replaced decrypts for a while. Whatever
 * is wrong, the error is the same: an unwrapped key of a wrong length or padding is replaced by a random one,
 * so that only the authentication of the content fails (RFC 7516 section 11.5). jose does that.
 *
 * @param options the only algorithms that count, whatever the header says
 * @throws {NotDecrypted}
 */
export async function decrypted(
  { masterKey }: Pick<Deps, "masterKey">,
  tx: Transaction,
  jwe: string,
  { kid, alg, enc }: {
    /** Null: any of the keys. */
    readonly kid: string | null;
    readonly alg: EncryptionAlgorithm;
    readonly enc: string;
  },
): Promise<Uint8Array> {
  const kty = keyTypeOf(alg);
  const { keys } = await tx.peek({ keys: encryptionKeys.ref(kty) }, "registration");
  if (keys.value === null) throw new NotDecrypted("this server has no such key");
  const usable = encryptionKeys.usableKeys(keys.value, tx.now);
  const loaded = unsealedKeys(masterKey, kty, usable);
  let cause: unknown;
  for (const key of usable) {
    if (kid !== null && kid !== key.kid) continue;
    const privateKey = await loaded(key);
    try {
      const { plaintext } = await compactDecrypt(jwe, privateKey, {
        keyManagementAlgorithms: [alg],
        contentEncryptionAlgorithms: [enc],
        maxDecompressedLength: 0,
      });
      return plaintext;
    } catch (error) {
      cause = error;
    }
  }
  throw new NotDecrypted("no key of this server opens it", { cause });
}

/** The unsealed keys, by the master key that seals them and their `kid`. */
const unsealedBy = perObject<MasterKey, Map<string, Promise<CryptoKey>>>(() => new Map());

/** Loads keys that were not loaded before, and forgets keys that the store no longer has. */
function unsealedKeys(
  masterKey: MasterKey,
  kty: EncryptionKeyType,
  usable: readonly EncryptionKey[],
): (key: EncryptionKey) => Promise<CryptoKey> {
  const known = unsealedBy(masterKey);
  const places = usable.map(({ kid }) => `${kty} ${kid}`);
  for (const place of known.keys()) {
    if (place.startsWith(`${kty} `) && !places.includes(place)) known.delete(place);
  }
  return (key) => {
    const place = `${kty} ${key.kid}`;
    const loading = known.get(place) ?? load(masterKey, kty, key);
    known.set(place, loading);
    loading.catch(() => known.delete(place));
    return loading;
  };
}

async function load(
  masterKey: MasterKey,
  kty: EncryptionKeyType,
  { kid, sealedPrivateJwk }: EncryptionKey,
): Promise<CryptoKey> {
  const jwk = JSON.parse(await masterKey.unseal(sealedPrivateJwk, contextOf(kty)));
  const imported = await importJWK(jwk, kty === "RSA" ? "RSA-OAEP-256" : "ECDH-ES");
  if (imported instanceof Uint8Array) throw new Error(`${kid} is not an asymmetric key`);
  return imported;
}
