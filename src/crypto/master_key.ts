import { decryptAtStart, encrypt, ivLength } from "./aes_gcm.ts";
import { constantTimeEqual } from "./constant_time.ts";
import { fromBase64url, toBase64url, utf8 } from "./encoding.ts";
import { derivedKey, derivedKeyAtStart } from "./hkdf.ts";
import { nodeCrypto } from "./node_crypto.ts";
import type { RandomSource } from "./random.ts";

/**
 * The one secret of an installation: it seals data that must be read again, and signs data that comes
 * back.
 */
export interface MasterKey {
  /** Identifies the current key without revealing anything about it. */
  readonly keyId: string;
  /**
   * Encrypts a text with the current key (AES-256-GCM).
   * @param context the place of the sealed text, such as its record's key; it can be unsealed only with
   *   the same context
   */
  seal(plaintext: string, context: string): Promise<string>;
  /** @throws {SealError} if the key is unknown, the context differs, or anything was changed */
  unseal(sealed: string, context: string): Promise<string>;
  /**
   * Signs a message with the current key (HMAC-SHA256, base64url, 43 characters).
   * @param purpose a constant of the code, never input: each purpose has its own key
   */
  mac(purpose: string, message: string): Promise<string>;
  /** The same by WebCrypto, for a start that does not wait until `nodeCrypto` is loaded. */
  macAtStart(purpose: string, message: string): Promise<string>;
  /** Whether the current or the previous key made this MAC, compared in constant time. */
  verifyMac(purpose: string, message: string, mac: string): Promise<boolean>;
}

/** A sealed text cannot be unsealed: another master key, another context, or changed bytes. */
export class SealError extends Error {
  override readonly name: string = "SealError";
}

/**
 * The master key in use. During a rotation, the previous key can still unseal and verify; everything new
 * uses the current key.
 * @param current 32 bytes
 * @param previous 32 bytes, or null
 * @see RFC 5869 (HKDF), RFC 5116 section 5.2 (AES-256-GCM)
 */
export async function masterKey(
  current: Uint8Array,
  previous: Uint8Array | null,
  random: RandomSource,
): Promise<MasterKey> {
  const newest = await derivedKeys(current);
  const all = previous === null ? [newest] : [newest, await derivedKeys(previous)];

  return {
    keyId: newest.keyId,

    seal(plaintext, context) {
      // Random nonces are safe for 2^32 seals under one key. This server seals a few per rotation,
      // enrolment and refresh (NIST SP 800-38D section 8.3).
      const iv = random.bytes(ivLength);
      const sealing = { key: newest.sealing, iv, context: utf8(context) };
      const box = encrypt(sealing, utf8(plaintext));
      return Promise.resolve(`${newest.keyId}.${toBase64url(iv)}.${toBase64url(box)}`);
    },

    async unseal(sealed, context) {
      const [keyId, iv, box, ...rest] = sealed.split(".");
      if (keyId === undefined || iv === undefined || box === undefined || rest.length > 0) {
        throw new SealError("this is not a sealed text");
      }
      const keys = all.find((candidate) => candidate.keyId === keyId);
      if (keys === undefined) {
        throw new SealError(
          "sealed with a master key that is neither the current nor the previous",
        );
      }
      return await open(keys.sealing, iv, box, context);
    },

    mac: (purpose, message) => Promise.resolve(newest.mac(purpose, message)),

    macAtStart: newest.macAtStart,

    verifyMac(purpose, message, mac) {
      const expected = all.map((keys) => keys.mac(purpose, message));
      // Compare with every key, so that the time does not reveal which one was right.
      const right = expected.filter((one) => constantTimeEqual(one, mac));
      return Promise.resolve(right.length > 0);
    },
  };
}

async function open(
  key: Uint8Array<ArrayBuffer>,
  iv: string,
  box: string,
  context: string,
): Promise<string> {
  try {
    const sealing = { key, iv: fromBase64url(iv), context: utf8(context) };
    const plaintext = await decryptAtStart(sealing, fromBase64url(box));
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(plaintext);
  } catch (cause) {
    throw new SealError("the sealed text was changed, or belongs to another record", { cause });
  }
}

interface DerivedKeys {
  readonly keyId: string;
  readonly sealing: Uint8Array<ArrayBuffer>;
  mac(purpose: string, message: string): string;
  macAtStart(purpose: string, message: string): Promise<string>;
}

/** A separate key for each use: a weakness in one use does not affect the others. */
async function derivedKeys(given: Uint8Array): Promise<DerivedKeys> {
  if (given.length !== 32) throw new Error("a master key is 32 bytes");
  const root = Uint8Array.from(given);
  // Bytes and no KeyObject: `createHmac` would export it each time, which takes as long as the MAC.
  const macKey = oncePerPurpose((purpose) => derivedKey(root, macUse(purpose)));
  const macKeyAtStart = oncePerPurpose((purpose) =>
    hmacKey(derivedKeyAtStart(root, macUse(purpose)))
  );

  return {
    keyId: toBase64url(await derivedKeyAtStart(root, "latchkey key id", 8)),
    sealing: await derivedKeyAtStart(root, "latchkey seal"),
    mac: (purpose, message) =>
      nodeCrypto().createHmac("sha256", macKey(purpose)).update(message).digest("base64url"),

    async macAtStart(purpose, message) {
      const key = await macKeyAtStart(purpose);
      return toBase64url(new Uint8Array(await crypto.subtle.sign("HMAC", key, utf8(message))));
    },
  };
}

/** Makes what belongs to a purpose once. Purposes are constants of the code, so they are few. */
function oncePerPurpose<Key>(make: (purpose: string) => Key): (purpose: string) => Key {
  const made = new Map<string, Key>();
  return (purpose) => {
    let key = made.get(purpose);
    if (key === undefined) {
      key = make(purpose);
      made.set(purpose, key);
    }
    return key;
  };
}

async function hmacKey(secret: Promise<Uint8Array<ArrayBuffer>>): Promise<CryptoKey> {
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  return await crypto.subtle.importKey("raw", await secret, algorithm, false, ["sign"]);
}

function macUse(purpose: string): string {
  return `latchkey mac ${purpose}`;
}
