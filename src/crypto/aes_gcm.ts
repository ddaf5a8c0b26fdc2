import { Buffer } from "node:buffer";
import { createCipheriv, createDecipheriv } from "node:crypto";

/** Bytes of a nonce. @see NIST SP 800-38D section 8.2 */
export const ivLength = 12;
const tagLength = 16;

/** What is encrypted, under which key, and where it belongs. */
export interface Sealing {
  /** 32 bytes. */
  readonly key: Uint8Array;
  /** 12 bytes, never used before with this key. */
  readonly iv: Uint8Array;
  /** Authenticated, and not part of the box. */
  readonly context: Uint8Array;
}

/**
 * Encrypts by AES-256-GCM. Synchronous: a hop to WebCrypto's thread takes longer than the work.
 *
 * @returns the ciphertext and, behind it, the tag of 16 bytes, as WebCrypto returns them
 */
export function encrypt(
  { key, iv, context }: Sealing,
  plaintext: Uint8Array,
): Uint8Array<ArrayBuffer> {
  const cipher = createCipheriv("aes-256-gcm", key, iv);
  cipher.setAAD(context);
  const parts = [cipher.update(plaintext), cipher.final(), cipher.getAuthTag()];
  return new Uint8Array(Buffer.concat(parts));
}

/** Opens what `encrypt` returned. @throws {Error} if the key or context is another, or a bit has changed */
export function decrypt({ key, iv, context }: Sealing, box: Uint8Array): Uint8Array<ArrayBuffer> {
  // A shorter tag would be accepted, and could be guessed.
  if (box.length < tagLength || iv.length !== ivLength) throw new Error("the box is too short");
  const decipher = createDecipheriv("aes-256-gcm", key, iv);
  decipher.setAAD(context);
  decipher.setAuthTag(box.subarray(box.length - tagLength));
  const parts = [decipher.update(box.subarray(0, box.length - tagLength)), decipher.final()];
  return new Uint8Array(Buffer.concat(parts));
}
