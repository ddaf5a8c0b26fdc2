/**
 * Identifies what the only process of a store remembers of it. Where it exists, no other process writes to
 * the store. All handles of that process on the store share it.
 */
export interface StoreMemory {
  /** Calls `work` before the store is closed, to write what is only in memory. */
  beforeClose(work: () => Promise<void>): void;
  /** Does the work of `beforeClose`. */
  close(): Promise<void>;
  /** Calls `work` whenever the memory is tidied. It returns whether the memory was of much use since. */
  whenTidied(work: () => boolean): void;
  /**
   * Drops what nobody needs in memory, in some milliseconds; to be called every few seconds.
   * @returns whether much of it was needed since the last call
   */
  tidy(): boolean;
}

/**
 * What a process remembers for each of some objects, such as the handles on stores. It goes with the object.
 * @param make is called for an object when something asks for the first time
 */
export function perObject<Key extends object, Value extends object>(
  make: (key: Key) => Value,
): (key: Key) => Value {
  const kept = new WeakMap<Key, Value>();
  return (key) => {
    const known = kept.get(key);
    if (known !== undefined) return known;
    const made = make(key);
    kept.set(key, made);
    return made;
  };
}

export function newStoreMemory(): StoreMemory {
  const closing: (() => Promise<void>)[] = [];
  const tidying: (() => boolean)[] = [];
  return {
    beforeClose: (work) => void closing.push(work),
    async close() {
      for (const work of closing.splice(0)) await work();
    },
    whenTidied: (work) => void tidying.push(work),
    tidy: () => tidying.map((work) => work()).includes(true),
  };
}
