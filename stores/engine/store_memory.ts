/**
 * Identifies what the only process of a store remembers of it. Where it exists, no other process writes to
 * the store. All handles of that process on the store share it.
 */
export interface StoreMemory {
  /** Calls `work` before the store is closed, to write what is only in memory. */
  beforeClose(work: () => Promise<void>): void;
  /** Does the work of `beforeClose`. */
  close(): Promise<void>;
}

export function newStoreMemory(): StoreMemory {
  const closing: (() => Promise<void>)[] = [];
  return {
    beforeClose: (work) => void closing.push(work),
    async close() {
      for (const work of closing.splice(0)) await work();
    },
  };
}
