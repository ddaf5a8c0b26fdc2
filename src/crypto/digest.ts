import { toBase64url } from "./encoding.ts";
import { nodeCrypto } from "./node_crypto.ts";

/**
 * The SHA-256 of a text, in base64url (43 characters). A random secret is stored only in this form. A
 * password can be guessed, so it needs argon2id instead.
 * Computed synchronously: calling WebCrypto's thread takes longer than the hash.
 */
export function digest(text: string): Promise<string> {
  return Promise.resolve(digestOf(text));
}

function digestOf(text: string): string {
  return nodeCrypto().createHash("sha256").update(text).digest("base64url");
}

/** The SHA-256 of bytes, in base64url (43 characters). By WebCrypto: a start needs it, and nothing often. */
export async function bytesDigest(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return toBase64url(new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)));
}

const recent = new Map<string, string>();
const mostRecent = 2000;
const longestRecent = 512;

/**
 * The same as `digest`, for texts that are no secrets and that many requests have in common, such as the
 * name of a limit with an address: the digests of recent ones are remembered.
 */
export function recentDigest(text: string): string {
  const known = recent.get(text);
  if (known !== undefined) return known;
  // Anyone can send many texts, so this forgets all at once instead of growing.
  if (recent.size >= mostRecent) recent.clear();
  const made = digestOf(text);
  if (text.length <= longestRecent) recent.set(text, made);
  return made;
}
