import type { RandomSource } from "../../src/crypto/random.ts";

/**
 * Bytes that are the same for the same seed (splitmix32). Two processes of one test need two seeds, as
 * their ids must differ.
 */
export function seededRandom(seed: number): RandomSource {
  let state = seed >>> 0;
  return randomOfWords(next);

  function next(): number {
    state = (state + 0x9e3779b9) >>> 0;
    let mixed = state;
    mixed = Math.imul(mixed ^ (mixed >>> 16), 0x21f0aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
    return (mixed ^ (mixed >>> 15)) >>> 0;
  }
}

/** Bytes of words of 32 bits. */
export function randomOfWords(next: () => number): RandomSource {
  return {
    bytes(length) {
      const bytes = new Uint8Array(length);
      for (let i = 0; i < length; i += 4) {
        const word = next();
        for (let j = 0; j < 4 && i + j < length; j++) bytes[i + j] = word >>> (8 * j);
      }
      return bytes;
    },
  };
}
