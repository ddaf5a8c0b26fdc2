import { createHash } from "node:crypto";

/**
 * The SHA-256 of a text, in base64url (43 characters). It is the only form in which a random secret
 * is stored; a password, which can be guessed, needs argon2id instead.
 *
 * The work is done at once: WebCrypto's thread would take longer to reach than the hash to compute.
 */
export function digest(text: string): Promise<string> {
  return Promise.resolve(createHash("sha256").update(text).digest("base64url"));
}

/** The SHA-256 of bytes, in base64url (43 characters). */
export function bytesDigest(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return Promise.resolve(createHash("sha256").update(bytes).digest("base64url"));
}
