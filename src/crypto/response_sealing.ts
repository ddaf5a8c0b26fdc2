import { fromBase64url, toBase64url, utf8 } from "./encoding.ts";
import type { RandomSource } from "./random.ts";

/**
 * Seals a text under a key derived from a secret that only its bearer has, so that it can be read
 * again by who presents that secret, and by nobody who reads the store.
 */
export async function sealFor(random: RandomSource, secret: string, text: string): Promise<string> {
  const iv = random.bytes(12);
  const box = await crypto.subtle.encrypt({ name: "AES-GCM", iv }, await keyOf(secret), utf8(text));
  return `${toBase64url(iv)}.${toBase64url(new Uint8Array(box))}`;
}

/** Opens what `sealFor` sealed for the same secret. @throws {Error} for another one */
export async function openWith(secret: string, sealed: string): Promise<string> {
  const [iv = "", box = ""] = sealed.split(".");
  const plain = await crypto.subtle.decrypt(
    { name: "AES-GCM", iv: fromBase64url(iv) },
    await keyOf(secret),
    fromBase64url(box),
  );
  return new TextDecoder().decode(plain);
}

/** @see RFC 5869 */
async function keyOf(secret: string): Promise<CryptoKey> {
  const material = await crypto.subtle.importKey("raw", utf8(secret), "HKDF", false, ["deriveKey"]);
  const hkdf = {
    name: "HKDF",
    hash: "SHA-256",
    salt: new Uint8Array(),
    info: utf8("latchkey sealed response"),
  };
  const aes = { name: "AES-GCM", length: 256 };
  return await crypto.subtle.deriveKey(hkdf, material, aes, false, ["encrypt", "decrypt"]);
}
