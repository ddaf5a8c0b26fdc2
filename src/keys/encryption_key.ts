import { exportJWK, generateKeyPair } from "jose";
import {
  contextOf,
  type EncryptionKey,
  type EncryptionKeyType,
} from "../../stores/encryption_keys.ts";
import type { MasterKey } from "../crypto/master_key.ts";
import { randomId, type RandomSource } from "../crypto/random.ts";

/**
 * Makes a key pair that clients encrypt their requests for. One on P-256 has no `alg`: it is for ECDH-ES with
 * any key wrap.
 *
 * @param now epoch seconds
 */
export async function newEncryptionKey(
  deps: { readonly masterKey: MasterKey; readonly random: RandomSource },
  kty: EncryptionKeyType,
  now: number,
): Promise<EncryptionKey> {
  const kid = randomId(deps.random);
  const pair = kty === "EC"
    ? await generateKeyPair("ECDH-ES", { crv: "P-256", extractable: true })
    : await generateKeyPair("RSA-OAEP-256", { modulusLength: 2048, extractable: true });
  const purpose = { kid, use: "enc", ...(kty === "RSA" ? { alg: "RSA-OAEP-256" } : {}) };
  const privateJwk = JSON.stringify(await exportJWK(pair.privateKey));
  return {
    kid,
    publicJwk: { ...await exportJWK(pair.publicKey), ...purpose },
    sealedPrivateJwk: await deps.masterKey.seal(privateJwk, contextOf(kty)),
    createdAt: now,
  };
}
