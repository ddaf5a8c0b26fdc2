import { hash } from "node:crypto";

/** Ids fall into this many parts, so that a difference can be narrowed down. */
const parts = 4096;

/**
 * Compares two multisets of texts in bounded memory, whatever their order: those that were added and those
 * that were subtracted.
 */
export interface Balance {
  add(id: string, digest: string): void;
  subtract(id: string, digest: string): void;
  /** The parts in which the two differ. */
  differing(): ReadonlySet<number>;
}

/**
 * @param key random: whoever writes the texts must not know it, or could choose texts whose sums are equal
 */
export function createBalance(key: string): Balance {
  const sums = new Map<number, bigint>();
  return {
    add: (id, digest) => change(id, valueOf(id, digest)),
    subtract: (id, digest) => change(id, -valueOf(id, digest)),
    differing: () => new Set([...sums].filter(([, sum]) => sum !== 0n).map(([part]) => part)),
  };

  function change(id: string, by: bigint) {
    const part = partOf(id);
    sums.set(part, BigInt.asUintN(128, (sums.get(part) ?? 0n) + by));
  }

  function valueOf(id: string, digest: string): bigint {
    return BigInt(`0x${hash("sha256", `${key} ${id} ${digest}`, "hex").slice(0, 32)}`);
  }
}

/** The part of an id. */
export function partOf(id: string): number {
  return parseInt(hash("sha256", id, "hex").slice(0, 4), 16) % parts;
}
