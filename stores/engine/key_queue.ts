/** A queue for each key: callers get the key in the order in which they asked. */
export interface KeyQueue {
  /** Waits for all of the keys. `waited` is true if another caller held one of them in the meantime. */
  acquire(keys: readonly string[]): Promise<Turn>;
}

export interface Turn {
  readonly keys: ReadonlySet<string>;
  readonly waited: boolean;
  release(): void;
}

/**
 * Steps of one process that write the same key run one after another. Without the queue, fifty such steps
 * would all conflict and rerun again and again. The queue only saves work: correctness comes from the
 * versionstamps.
 */
export function keyQueue(): KeyQueue {
  const tails = new Map<string, Promise<void>>();
  return {
    async acquire(keys) {
      // All callers take keys in the same order, so that no two wait for each other (deadlock).
      const sorted = keys.length < 2 ? keys : [...new Set(keys)].sort(); // nearly all take one
      const releases: (() => void)[] = [];
      let waited = false;
      for (const key of sorted) {
        const before = tails.get(key);
        const { promise, resolve } = Promise.withResolvers<void>();
        tails.set(key, promise);
        releases.push(() => {
          if (tails.get(key) === promise) tails.delete(key);
          resolve();
        });
        if (before) {
          waited = true;
          await before;
        }
      }
      return {
        keys: new Set(sorted),
        waited,
        release: () => releases.forEach((release) => release()),
      };
    },
  };
}
