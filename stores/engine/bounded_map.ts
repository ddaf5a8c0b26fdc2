/** A map with a size limit. When it is full, it drops the entries that were not used for a long time. */
export interface BoundedMap<T> {
  get(name: string): T | undefined;
  set(name: string, value: T, size: number): void;
  delete(name: string): void;
  /** Drops everything, in no time. */
  clear(): void;
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
  readonly name: string;
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
  // Both stay where they are, because a new one would pass the places of all deleted entries again. But
  // V8 keeps a map's former tables, with the values in them, as long as an iterator stands on one. So there
  // is none before its first use, and none that stands still while everything behind it is replaced.
  // They are of the values, because one of the entries makes a list of each.
  let oldest: MapIterator<Kept<T>> | null = null;
  let removedSince = 0;
  let pruned: MapIterator<Kept<T>> | null = null;

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
      kept.set(name, { name, value, size, isUsed: before !== undefined });
      while (total > bytes) dropOldest(name);
    },
    delete: drop,
    clear() {
      kept.clear();
      [total, removedSince, oldest, pruned] = [0, 0, null, null];
    },
    prune(isUseless, most) {
      let { dropped, passed } = most;
      // Twice: from where the last call ended to the end, and then from the beginning. A loop over the
      // iterator, unlike calls of `next`, makes no objects, and leaves it where the loop ends.
      for (let pass = 0; pass < 2; pass++) {
        pruned ??= kept.values();
        for (const { name, value } of pruned) {
          if (isUseless(value)) {
            drop(name);
            dropped--;
          } else passed--;
          if (dropped <= 0 || passed <= 0) return;
        }
        pruned = null;
      }
    },
  };

  /** @param added stays, even if all others are in use */
  function dropOldest(added: string) {
    oldest ??= kept.values();
    const next = oldest.next();
    if (next.done) {
      oldest = null;
      return;
    }
    const one = next.value;
    const { name } = one;
    if (!one.isUsed && name !== added) return drop(name);
    one.isUsed = false;
    remove(name);
    kept.set(name, one);
  }

  function drop(name: string) {
    total -= kept.get(name)?.size ?? 0;
    remove(name);
  }

  /** All that `oldest` has passed is removed, or was set again behind it, so a new one begins at its place. */
  function remove(name: string) {
    if (kept.delete(name)) removedSince++;
    if (removedSince <= kept.size) return;
    removedSince = 0;
    oldest = null;
  }
}
