import { hkdfSync } from "node:crypto";
import { utf8 } from "./encoding.ts";

/**
 * Derives 32 bytes by HKDF-SHA-256. It needs no salt, because the secret is uniformly random.
 * @param use a constant of the code: each use has its own key
 * @see RFC 5869 section 3.1
 */
export function derivedKey(secret: Uint8Array, use: string, length = 32): Uint8Array<ArrayBuffer> {
  return new Uint8Array(hkdfSync("sha256", secret, new Uint8Array(), utf8(use), length));
}
