import { toBase64url } from "./encoding.ts";

/** The source of all unpredictable bytes; tests and the simulation pass a seeded one. */
export interface RandomSource {
  /** `length` fresh bytes, at most 65,536. */
  bytes(length: number): Uint8Array<ArrayBuffer>;
}

/** The operating system's generator. */
export const systemRandom: RandomSource = {
  bytes: (length) => crypto.getRandomValues(new Uint8Array(length)),
};

/** A public identifier: 16 random bytes, 22 characters. It is unique, but it is not a secret. */
export function randomId(random: RandomSource): string {
  return toBase64url(random.bytes(16));
}

/** A secret that cannot be guessed: 32 random bytes, 43 characters. @see RFC 6749 section 10.10 */
export function randomSecret(random: RandomSource): string {
  return toBase64url(random.bytes(32));
}
