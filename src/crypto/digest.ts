import { createHash } from "node:crypto";

/**
 * The SHA-256 of a text, in base64url (43 characters). A random secret is stored only in this form. A
 * password can be guessed, so it needs argon2id instead.
 * Computed synchronously: calling WebCrypto's thread takes longer than the hash.
 */
export function digest(text: string): Promise<string> {
  return Promise.resolve(createHash("sha256").update(text).digest("base64url"));
}

/** The SHA-256 of bytes, in base64url (43 characters). */
export function bytesDigest(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return Promise.resolve(createHash("sha256").update(bytes).digest("base64url"));
}
