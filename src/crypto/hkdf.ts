import { hkdfSync } from "node:crypto";
import { utf8 } from "./encoding.ts";

/**
 * Derives 32 bytes by HKDF-SHA-256. No salt: what it is derived from is uniformly random already.
 *
 * @param use a constant of the code: each use has a key of its own
 * @see RFC 5869 section 3.1
 */
export function derivedKey(secret: Uint8Array, use: string, length = 32): Uint8Array<ArrayBuffer> {
  return new Uint8Array(hkdfSync("sha256", secret, new Uint8Array(), utf8(use), length));
}
