/**
 * Identifies what the only process of a store remembers of it. Where it exists, no other process writes to
 * the store. All handles of that process on the store share it.
 */
export interface StoreMemory {
  /** Calls `work` before the store is closed, to write what is only in memory. */
  beforeClose(work: () => Promise<void>): void;
  /** Does the work of `beforeClose`. */
  close(): Promise<void>;
  /** Calls `work` whenever the memory is tidied. */
  whenTidied(work: () => void): void;
  /** Drops what nobody needs in memory, in some milliseconds; to be called every few seconds. */
  tidy(): void;
}

export function newStoreMemory(): StoreMemory {
  const closing: (() => Promise<void>)[] = [];
  const tidying: (() => void)[] = [];
  return {
    beforeClose: (work) => void closing.push(work),
    async close() {
      for (const work of closing.splice(0)) await work();
    },
    whenTidied: (work) => void tidying.push(work),
    tidy() {
      for (const work of tidying) work();
    },
  };
}
