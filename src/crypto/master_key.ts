import { constantTimeEqual } from "./constant_time.ts";
import { fromBase64url, toBase64url, utf8 } from "./encoding.ts";
import type { RandomSource } from "./random.ts";

/** The one secret of an installation: it seals what must be read again, and signs what returns. */
export interface MasterKey {
  /** Names the current key without telling anything about it. */
  readonly keyId: string;
  /**
   * Encrypts a text with the current key (AES-256-GCM).
   *
   * @param context where the sealed text belongs, such as its record's key joined; it opens nowhere else
   */
  seal(plaintext: string, context: string): Promise<string>;
  /** @throws {SealError} if the key is unknown, the context another, or anything was changed */
  unseal(sealed: string, context: string): Promise<string>;
  /**
   * Signs a message with the current key (HMAC-SHA256, base64url, 43 characters).
   *
   * @param purpose a constant of the code, never input: each one has a key of its own
   */
  mac(purpose: string, message: string): Promise<string>;
  /** Whether the current or the previous key made this MAC, compared in constant time. */
  verifyMac(purpose: string, message: string, mac: string): Promise<boolean>;
}

/** A sealed text that does not open: another master key, another place, or changed bytes. */
export class SealError extends Error {
  override readonly name: string = "SealError";
}

/**
 * The master key in use. While a key is being replaced the previous one still opens and verifies,
 * and everything new is made with the current one.
 *
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

    async seal(plaintext, context) {
      // Random nonces are safe for 2^32 seals under one key, and this server seals a few per rotation,
      // enrolment and refresh (NIST SP 800-38D section 8.3).
      const iv = random.bytes(ivLength);
      const algorithm = { name: "AES-GCM", iv, additionalData: utf8(context) };
      const box = await crypto.subtle.encrypt(algorithm, newest.sealing, utf8(plaintext));
      return `${newest.keyId}.${toBase64url(iv)}.${toBase64url(new Uint8Array(box))}`;
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

    mac: (purpose, message) => newest.mac(purpose, message),

    async verifyMac(purpose, message, mac) {
      const expected = await Promise.all(all.map((keys) => keys.mac(purpose, message)));
      // Every key is compared, so that the time does not tell which of them was right.
      return expected.filter((one) => constantTimeEqual(one, mac)).length > 0;
    },
  };
}

const ivLength = 12;

async function open(key: CryptoKey, iv: string, box: string, context: string): Promise<string> {
  try {
    const algorithm = { name: "AES-GCM", iv: fromBase64url(iv), additionalData: utf8(context) };
    const plaintext = await crypto.subtle.decrypt(algorithm, key, fromBase64url(box));
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(plaintext);
  } catch (cause) {
    throw new SealError("the sealed text was changed, or belongs to another record", { cause });
  }
}

interface DerivedKeys {
  readonly keyId: string;
  readonly sealing: CryptoKey;
  mac(purpose: string, message: string): Promise<string>;
}

/** One key a use: what one of them gives away is of no help against the others. */
async function derivedKeys(bytes: Uint8Array): Promise<DerivedKeys> {
  if (bytes.length !== 32) throw new Error("a master key is 32 bytes");
  const root = await crypto.subtle.importKey("raw", new Uint8Array(bytes), "HKDF", false, [
    "deriveBits",
    "deriveKey",
  ]);
  const macKeys = new Map<string, Promise<CryptoKey>>();

  function macKey(purpose: string): Promise<CryptoKey> {
    let key = macKeys.get(purpose);
    if (key === undefined) {
      const type = { name: "HMAC", hash: "SHA-256", length: 256 };
      key = crypto.subtle.deriveKey(hkdf(`mac ${purpose}`), root, type, false, ["sign"]);
      macKeys.set(purpose, key);
    }
    return key;
  }

  return {
    keyId: toBase64url(new Uint8Array(await crypto.subtle.deriveBits(hkdf("key id"), root, 64))),
    sealing: await crypto.subtle.deriveKey(
      hkdf("seal"),
      root,
      { name: "AES-GCM", length: 256 },
      false,
      ["encrypt", "decrypt"],
    ),
    async mac(purpose, message) {
      const signature = await crypto.subtle.sign("HMAC", await macKey(purpose), utf8(message));
      return toBase64url(new Uint8Array(signature));
    },
  };
}

/** No salt: the master key is uniformly random already (RFC 5869 section 3.1). */
function hkdf(use: string): HkdfParams {
  return { name: "HKDF", hash: "SHA-256", salt: new Uint8Array(), info: utf8(`latchkey ${use}`) };
}
