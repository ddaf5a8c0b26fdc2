import { nodeCrypto } from "./node_crypto.ts";

/** Bytes of a nonce. @see NIST SP 800-38D section 8.2 */
export const ivLength = 12;
const tagLength = 16;

/** The key, the nonce and the context of an encryption. */
export interface Sealing {
  /** 32 bytes. */
  readonly key: Uint8Array<ArrayBuffer>;
  /** 12 bytes, never used before with this key. */
  readonly iv: Uint8Array<ArrayBuffer>;
  /** Authenticated, but not part of the ciphertext. */
  readonly context: Uint8Array<ArrayBuffer>;
}

/**
 * Encrypts with AES-256-GCM. Synchronous: calling WebCrypto's thread takes longer than the encryption.
 * @returns the ciphertext followed by the tag of 16 bytes, as WebCrypto returns them
 */
export function encrypt(sealing: Sealing, plaintext: Uint8Array): Uint8Array<ArrayBuffer> {
  const { ciphertext, tag } = encryptApart(sealing, plaintext);
  const box = new Uint8Array(ciphertext.length + tag.length);
  box.set(ciphertext);
  box.set(tag, ciphertext.length);
  return box;
}

/** The same, with the tag apart. */
export function encryptApart(
  { key, iv, context }: Sealing,
  plaintext: Uint8Array,
): { readonly ciphertext: Uint8Array; readonly tag: Uint8Array } {
  const cipher = nodeCrypto().createCipheriv("aes-256-gcm", key, iv);
  cipher.setAAD(context);
  const ciphertext = cipher.update(plaintext);
  cipher.final(); // it gives nothing more in this mode
  return { ciphertext, tag: cipher.getAuthTag() };
}

/** Decrypts the result of `encrypt`. @throws {Error} if key or context differ, or if any bit has changed */
export function decrypt({ key, iv, context }: Sealing, box: Uint8Array): Uint8Array<ArrayBuffer> {
  // A shorter tag would be accepted, and could be guessed.
  if (box.length < tagLength || iv.length !== ivLength) throw new Error("the box is too short");
  const decipher = nodeCrypto().createDecipheriv("aes-256-gcm", key, iv);
  decipher.setAAD(context);
  decipher.setAuthTag(box.subarray(box.length - tagLength));
  const plaintext = decipher.update(box.subarray(0, box.length - tagLength));
  decipher.final(); // throws unless the tag is right; in this mode nothing is left over
  return new Uint8Array(plaintext);
}

/** The same by WebCrypto: slower, but a start need not wait until `nodeCrypto` is loaded. */
export async function decryptAtStart(
  { key, iv, context }: Sealing,
  box: Uint8Array<ArrayBuffer>,
): Promise<Uint8Array<ArrayBuffer>> {
  if (box.length < tagLength || iv.length !== ivLength) throw new Error("the box is too short");
  const name = "AES-GCM";
  const imported = await crypto.subtle.importKey("raw", key, name, false, ["decrypt"]);
  const parameters = { name, iv, additionalData: context, tagLength: tagLength * 8 };
  return new Uint8Array(await crypto.subtle.decrypt(parameters, imported, box));
}
