import type { RandomSource } from "../../src/crypto/random.ts";
import { randomOfWords } from "../support/random.ts";

/** Decisions that a seed makes. */
export interface Chance {
  /** A number from 0 (inclusive) to 1 (exclusive). */
  fraction(): number;
  /** True in so many cases, from 0 to 1. */
  happens(probability: number): boolean;
  /** A whole number from `least` to `most`, both included. */
  between(least: number, most: number): number;
  /** One of several, at least one. */
  pick<T>(choices: readonly T[]): T;
  readonly random: RandomSource;
}

/** Decisions of one party: what another one decides does not change them. */
export function chanceOf(seed: number, party: string): Chance {
  const next = generator(seed, party);
  const fraction = () => next() / 2 ** 32;
  const between = (least: number, most: number) =>
    least + Math.floor(fraction() * (most - least + 1));
  return {
    fraction,
    between,
    happens: (probability) => fraction() < probability,
    pick: <T>(choices: readonly T[]) => choices[between(0, choices.length - 1)] as T,
    random: randomOfWords(next),
  };
}

/** Bytes for one party of a seed's run, of which no two parties have the same. */
export function randomOf(seed: number, party: string): RandomSource {
  return randomOfWords(generator(seed, party));
}

/**
 * sfc32. With its 128 bits of state no two parties ever come upon the same stretch, as they might
 * with 32 in so many seeds, and then two records would have one id.
 */
function generator(seed: number, party: string): () => number {
  let [a, b, c, counter] = [hash(party, 1), hash(party, seed), seed | 0, 1];
  const next = () => {
    const sum = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return sum >>> 0;
  };
  for (let i = 0; i < 12; i++) next();
  return next;
}

/** FNV-1a. */
function hash(text: string, salt: number): number {
  let value = 0x811c9dc5 ^ salt;
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193);
  return value | 0;
}
