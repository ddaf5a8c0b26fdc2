/** Work that continues after its request was answered. */
export interface Background {
  /** Starts a piece of work, which must not throw. */
  begin(work: () => Promise<void>): Promise<void>;
  /** Resolves when all started work has ended. */
  ended(): Promise<void>;
}

export function createBackground(): Background {
  const running = new Set<Promise<void>>();
  return {
    begin(work) {
      const working = work().finally(() => running.delete(working));
      running.add(working);
      return working;
    },
    async ended() {
      await Promise.allSettled(running);
    },
  };
}
