import { createCipheriv, createDecipheriv } from "node:crypto";
import { fromBase64url, toBase64url, utf8 } from "./encoding.ts";
import type { RandomSource } from "./random.ts";

/**
 * Seals what an audit event tells of a person, under a key that lives and dies with their record: once
 * that is deleted nobody can read it, and no event has to be changed for it.
 *
 * Synchronous, unlike WebCrypto, for an event is added in the middle of a step.
 *
 * @param key 32 bytes, base64url
 * @param context where the text belongs; it opens nowhere else
 */
export function sealForPerson(
  random: RandomSource,
  key: string,
  context: string,
  text: string,
): string {
  const iv = random.bytes(12);
  const cipher = createCipheriv("aes-256-gcm", fromBase64url(key), iv);
  cipher.setAAD(utf8(context));
  const box = new Uint8Array([...cipher.update(utf8(text)), ...cipher.final()]);
  return [iv, box, new Uint8Array(cipher.getAuthTag())].map(toBase64url).join(".");
}

/** Opens what `sealForPerson` sealed. @throws {Error} with another key, or in another place */
export function openForPerson(key: string, context: string, sealed: string): string {
  const [iv = "", box = "", tag = ""] = sealed.split(".");
  const decipher = createDecipheriv("aes-256-gcm", fromBase64url(key), fromBase64url(iv));
  decipher.setAAD(utf8(context));
  decipher.setAuthTag(fromBase64url(tag));
  const plain = new Uint8Array([...decipher.update(fromBase64url(box)), ...decipher.final()]);
  return new TextDecoder().decode(plain);
}
