/** A map with a size limit. When it is full, it drops the entries that were not used for a long time. */
export interface BoundedMap<T> {
  get(name: string): T | undefined;
  set(name: string, value: T, size: number): void;
  delete(name: string): void;
  /**
   * Drops entries that nobody can use any more. Each call goes on where the last one ended, until it has
   * dropped or passed as many as it may.
   */
  prune(isUseless: (value: T) => boolean, most: Pruning): void;
}

/** How many entries one call of `prune` handles at most. */
export interface Pruning {
  readonly dropped: number;
  /** Those that are still of use. Looking at one is cheap, but each call looks at so many. */
  readonly passed: number;
}

interface Kept<T> {
  readonly value: T;
  readonly size: number;
  /** Whether it was used since it was added, or since it got its second chance. */
  isUsed: boolean;
}

/**
 * Entries are dropped in the order in which they were added, but one that was used meanwhile gets a second
 * chance. Moving an entry to the end at each use would be more exact. But a `Map` keeps the places of
 * deleted entries until it grows: after thousands of uses of one entry, each further use would search
 * thousands of places.
 * @param bytes the limit of all sizes together
 */
export function boundedMap<T>(bytes: number): BoundedMap<T> {
  const kept = new Map<string, Kept<T>>();
  let total = 0;
  /** Stays where it is, because a new iterator would pass the places of all deleted entries again. */
  let oldest = kept.entries();
  let pruned = kept.entries();

  return {
    get(name) {
      const one = kept.get(name);
      if (one === undefined) return undefined;
      one.isUsed = true;
      return one.value;
    },
    set(name, value, size) {
      if (size > bytes) return drop(name);
      const before = kept.get(name);
      total += size - (before?.size ?? 0);
      // An entry that is replaced keeps its place.
      kept.set(name, { value, size, isUsed: before !== undefined });
      while (total > bytes) dropOldest(name);
    },
    delete: drop,
    prune(isUseless, most) {
      let { dropped, passed } = most;
      // Twice: from where the last call ended to the end, and then from the beginning. A loop over the
      // iterator, unlike calls of `next`, makes no objects, and leaves it where the loop ends.
      for (let pass = 0; pass < 2; pass++) {
        for (const [name, { value }] of pruned) {
          if (isUseless(value)) {
            drop(name);
            dropped--;
          } else passed--;
          if (dropped <= 0 || passed <= 0) return;
        }
        pruned = kept.entries();
      }
    },
  };

  /** @param added stays, even if all others are in use */
  function dropOldest(added: string) {
    const next = oldest.next();
    if (next.done) {
      oldest = kept.entries();
      return;
    }
    const [name, one] = next.value;
    if (!one.isUsed && name !== added) return drop(name);
    one.isUsed = false;
    kept.delete(name);
    kept.set(name, one);
  }

  function drop(name: string) {
    total -= kept.get(name)?.size ?? 0;
    kept.delete(name);
  }
}

/** The estimated bytes of memory that a value takes, for `set`. */
export function sizeOf(value: unknown): number {
  if (typeof value === "string") return 24 + value.length;
  if (typeof value !== "object" || value === null) return 16;
  if (ArrayBuffer.isView(value)) return 96 + value.byteLength;
  return 64 + sizeOfMembers(value);
}

/** No list of the members is made: each commit estimates what it has written. */
function sizeOfMembers<T extends object>(value: T): number {
  let sum = 0;
  if (Array.isArray(value)) { for (const member of value) sum += sizeOf(member); }
  else for (const name in value) sum += name.length + sizeOf(value[name]);
  return sum;
}

/**
 * Bytes that a record takes beside its value: its key, its versionstamp, and its places in maps. Measured with
 * 40,000 pushed requests, which took 1,170 bytes each, of which 910 are those of `sizeOf`.
 */
const recordSize = 256;
/** Bytes of the record that collection.ts keeps for a list of values, beside what both hold. */
const unpackedCopy = 200;

/** The estimated bytes of memory that a remembered record takes. @param stored in either form of a record */
export function sizeOfRecord(name: string, stored: unknown): number {
  const copy = Array.isArray(stored) ? unpackedCopy : 0;
  return recordSize + copy + name.length + sizeOf(stored);
}
