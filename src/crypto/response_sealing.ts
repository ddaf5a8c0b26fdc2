import { decrypt, encrypt, ivLength } from "./aes_gcm.ts";
import { fromBase64url, toBase64url, utf8 } from "./encoding.ts";
import { derivedKey } from "./hkdf.ts";
import type { RandomSource } from "./random.ts";

const context = new Uint8Array();

/**
 * Seals a text with a key derived from a secret. Only a caller who presents the secret can unseal it;
 * read access to the store is not enough.
 */
export function sealFor(random: RandomSource, secret: string, text: string): string {
  const iv = random.bytes(ivLength);
  const box = encrypt({ key: keyOf(secret), iv, context }, utf8(text));
  return `${toBase64url(iv)}.${toBase64url(box)}`;
}

/** Unseals the result of `sealFor` with the same secret. @throws {Error} with another secret */
export function openWith(secret: string, sealed: string): string {
  const [iv = "", box = ""] = sealed.split(".");
  const sealing = { key: keyOf(secret), iv: fromBase64url(iv), context };
  return new TextDecoder().decode(decrypt(sealing, fromBase64url(box)));
}

function keyOf(secret: string): Uint8Array<ArrayBuffer> {
  return derivedKey(utf8(secret), "latchkey sealed response");
}
