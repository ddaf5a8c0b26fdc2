import { decode, encode } from "jose/base64url";

const encoder = new TextEncoder();

/** Base64url without padding. @see RFC 4648 section 5, RFC 7515 section 2 */
export function toBase64url(bytes: Uint8Array): string {
  return encode(bytes);
}

/**
 * The bytes of a base64url text.
 * @throws {TypeError} if the text is not exactly the `toBase64url` encoding of its bytes
 */
export function fromBase64url(text: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(decode(text));
  // Decoders accept padding, white space and stray last bits (RFC 4648 section 3.5). Then one secret would
  // have several spellings, and a changed character could go unnoticed.
  if (toBase64url(bytes) !== text) throw new TypeError("not canonical base64url");
  return bytes;
}

/**
 * The bytes of a base64 text of somebody else, with padding or without; null: it is none.
 * @see RFC 4648 section 4
 */
export function foreignBase64(text: string): Uint8Array<ArrayBuffer> | null {
  // The platform's decoder skips white space.
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(text)) return null;
  try {
    return Uint8Array.fromBase64(text);
  } catch {
    return null;
  }
}

/** The bytes of a text in UTF-8. */
export function utf8(text: string): Uint8Array<ArrayBuffer> {
  return encoder.encode(text);
}
