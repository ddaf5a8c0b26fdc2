import { nodeCrypto } from "./node_crypto.ts";
import type { RandomSource } from "./random.ts";

const use = "latchkey derived random";
const blockLength = 64;

/**
 * Bytes that whoever has both the secret and the nonce can derive again, and nobody else: one-step key
 * derivation with SHA-512. One hash takes less time than to encrypt what could be derived.
 *
 * @param secret with at least 32 random bytes
 * @param nonce of fixed length: each nonce gives other bytes
 * @see NIST SP 800-56C revision 2 section 4.1
 */
export function derivedRandom(secret: string, nonce: string): RandomSource {
  let counter = 0;
  return {
    bytes(length) {
      if (length > blockLength) throw new RangeError(`at most ${blockLength} bytes at once`);
      counter++;
      const input = `\0\0\0${String.fromCharCode(counter)}${secret}${use}${nonce}`;
      const block = nodeCrypto().createHash("sha512").update(input).digest();
      return new Uint8Array(block.subarray(0, length));
    },
  };
}
