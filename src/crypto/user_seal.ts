import { decrypt, encryptApart, ivLength } from "./aes_gcm.ts";
import { fromBase64url, toBase64url, utf8 } from "./encoding.ts";
import type { RandomSource } from "./random.ts";

/**
 * Seals the personal data of an audit event with a key in the user's record. When the record is deleted,
 * the data can no longer be read, and no event has to be changed.
 * Synchronous, unlike WebCrypto, because an event is added in the middle of a step.
 * @param key 32 bytes, base64url
 * @param context the place of the text; it can be unsealed only with the same context
 */
export function sealForUser(
  random: RandomSource,
  key: string,
  context: string,
  text: string,
): string {
  const iv = random.bytes(ivLength);
  const sealing = { key: fromBase64url(key), iv, context: utf8(context) };
  const { ciphertext, tag } = encryptApart(sealing, utf8(text));
  return `${toBase64url(iv)}.${toBase64url(ciphertext)}.${toBase64url(tag)}`;
}

/** Unseals the result of `sealForUser`. @throws {Error} with another key or context */
export function openForUser(key: string, context: string, sealed: string): string {
  const [iv, box, tag] = sealed.split(".").map(fromBase64url);
  if (!iv || !box || tag?.length !== 16) throw new Error("this is not a sealed text");
  const sealing = { key: fromBase64url(key), iv, context: utf8(context) };
  return new TextDecoder().decode(decrypt(sealing, Uint8Array.from([...box, ...tag])));
}
