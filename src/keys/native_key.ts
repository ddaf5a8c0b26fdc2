import { compactVerify, importJWK, type JWK } from "jose";
import { toBase64url, utf8 } from "../crypto/encoding.ts";
import type { NativeAlgorithm, NativeKey, NativeSigning } from "../deps/native_signing.ts";

/**
 * A key of the native library, after WebCrypto has verified a signature of it with the published key.
 * @throws if the library cannot use the key, or signs something else
 */
export async function verifiedNativeKey(
  native: NativeSigning,
  alg: NativeAlgorithm,
  pkcs8: Uint8Array<ArrayBuffer>,
  publicJwk: JWK,
): Promise<NativeKey> {
  const key = native.importKey(alg, pkcs8);
  try {
    const publicKey = await importJWK(publicJwk, alg);
    // ECDSA is random: several signatures meet short values of r and s more often.
    for (let n = 0; n < samples; n++) {
      const input = `${toBase64url(utf8(JSON.stringify({ alg })))}.${toBase64url(utf8(`${n}`))}`;
      const signature = await key.sign(utf8(input));
      if (signature === null) throw new Error("the native key was freed");
      await compactVerify(`${input}.${toBase64url(signature)}`, publicKey, { algorithms: [alg] });
    }
    return key;
  } catch (error) {
    key.free();
    throw error;
  }
}

const samples = 8;
