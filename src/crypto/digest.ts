import { toBase64url, utf8 } from "./encoding.ts";
import { isNodeCryptoLoaded, nodeCrypto } from "./node_crypto.ts";

/**
 * The SHA-256 of a text, in base64url (43 characters). A random secret is stored only in this form. A
 * password can be guessed, so it needs argon2id instead.
 * Computed synchronously: calling WebCrypto's thread takes longer than the hash.
 */
export function digest(text: string): Promise<string> {
  return Promise.resolve(digestNow(text));
}

/** The same as `digest`, without a promise. */
export function digestNow(content: string | Uint8Array): string {
  return nodeCrypto().hash("sha256", content, "base64url");
}

/**
 * The same, without a promise if `nodeCrypto` is loaded. Otherwise by WebCrypto: the first answers of a
 * process do not wait until it is loaded.
 */
export function earlyDigest(text: string): string | Promise<string> {
  return isNodeCryptoLoaded() ? digestNow(text) : bytesDigest(utf8(text));
}

/** The SHA-256 of bytes, in base64url (43 characters). By WebCrypto: a start needs it, and nothing often. */
export async function bytesDigest(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return toBase64url(new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)));
}
