import { toBase64url, utf8 } from "./encoding.ts";

/**
 * The SHA-256 of a text, in base64url (43 characters). It is the only form in which a random secret
 * is stored; a password, which can be guessed, needs argon2id instead.
 */
export async function digest(text: string): Promise<string> {
  return await bytesDigest(utf8(text));
}

/** The SHA-256 of bytes, in base64url (43 characters). */
export async function bytesDigest(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return toBase64url(new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)));
}
