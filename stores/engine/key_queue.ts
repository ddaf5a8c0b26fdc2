/** Turns at keys: who waits for one gets it in the order of asking. */
export interface KeyQueue {
  /** Waits for all of the keys. `waited` tells that another had one of them in the meantime. */
  acquire(keys: readonly string[]): Promise<Turn>;
}

export interface Turn {
  readonly keys: ReadonlySet<string>;
  readonly waited: boolean;
  release(): void;
}

/**
 * Steps of one process that write the same key take turns, so that fifty of them are fifty turns and
 * not fifty rounds of everybody against everybody. It only saves work: the versionstamps decide.
 */
export function keyQueue(): KeyQueue {
  const tails = new Map<string, Promise<void>>();
  return {
    async acquire(keys) {
      // In one order for all, so that no two wait for each other.
      const sorted = [...new Set(keys)].sort();
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
