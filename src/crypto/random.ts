import { toBase64url } from "./encoding.ts";

/** The source of all unpredictable bytes; tests and the simulation pass a seeded one. */
export interface RandomSource {
  /** `length` fresh bytes, at most 65,536. */
  bytes(length: number): Uint8Array<ArrayBuffer>;
}

/** Bytes that were fetched ahead: a request makes many ids, and a call for each takes longer than it. */
const ahead = new Uint8Array(4096);
let used = ahead.length;
const mostAhead = 64;

/** The operating system's generator. */
export const systemRandom: RandomSource = {
  bytes(length) {
    const bytes = new Uint8Array(length);
    if (length > mostAhead) return crypto.getRandomValues(bytes);
    if (used + length > ahead.length) {
      crypto.getRandomValues(ahead);
      used = 0;
    }
    for (let n = 0; n < length; n++, used++) {
      bytes[n] = ahead[used] ?? 0;
      ahead[used] = 0; // it may be a secret now
    }
    return bytes;
  },
};

/** Characters. */
export const randomIdLength = 22;

/** A public identifier: 16 random bytes, 22 characters. It is unique, but it is not a secret. */
export function randomId(random: RandomSource): string {
  return toBase64url(random.bytes(16));
}

/** Whether a text has the form of a `randomId`. */
export function isRandomId(text: string): boolean {
  return /^[A-Za-z0-9_-]{22}$/.test(text);
}

/** A secret that cannot be guessed: 32 random bytes, 43 characters. @see RFC 6749 section 10.10 */
export function randomSecret(random: RandomSource): string {
  return toBase64url(random.bytes(32));
}

/**
 * Random characters of base64url, with 6 random bits each. Each character is given once. A call of the source
 * and its encoding cost more than their bytes, so one is for several texts.
 * @returns takes the length of a text, at most 84
 */
export function randomText(random: RandomSource): (length: number) => string {
  let rest = "";
  return (length) => {
    // Bytes in threes: with others, the last character would have fewer than 6 random bits.
    if (rest.length < length) rest = toBase64url(random.bytes(63));
    const text = rest.slice(0, length);
    rest = rest.slice(length);
    return text;
  };
}
