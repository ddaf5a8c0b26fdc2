import { utf8 } from "./encoding.ts";
import { nodeCrypto } from "./node_crypto.ts";

/**
 * Derives 32 bytes by HKDF-SHA-256. It needs no salt, because the secret is uniformly random.
 * @param use a constant of the code: each use has its own key
 * @see RFC 5869 section 3.1
 */
export function derivedKey(secret: Uint8Array, use: string): Uint8Array<ArrayBuffer> {
  const { hkdfSync } = nodeCrypto();
  return new Uint8Array(hkdfSync("sha256", secret, new Uint8Array(), utf8(use), 32));
}

/**
 * The same by WebCrypto, for a start that does not wait until `nodeCrypto` is loaded.
 * @param length bytes
 */
export async function derivedKeyAtStart(
  secret: Uint8Array<ArrayBuffer>,
  use: string,
  length = 32,
): Promise<Uint8Array<ArrayBuffer>> {
  const key = await crypto.subtle.importKey("raw", secret, "HKDF", false, ["deriveBits"]);
  const parameters = { name: "HKDF", hash: "SHA-256", salt: new Uint8Array(), info: utf8(use) };
  return new Uint8Array(await crypto.subtle.deriveBits(parameters, key, length * 8));
}
