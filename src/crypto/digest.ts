import { toBase64url, utf8 } from "./encoding.ts";

/**
 * The SHA-256 of a text, in base64url (43 characters). It is the only form in which a random secret
 * is stored; a password, which can be guessed, needs argon2id instead.
 */
export async function digest(text: string): Promise<string> {
  return toBase64url(new Uint8Array(await crypto.subtle.digest("SHA-256", utf8(text))));
}
