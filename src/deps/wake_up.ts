import type { Timers } from "../../stores/engine/kv.ts";

/** Wakes a worker of this process when there is something to do. */
export interface WakeUp {
  wake(): void;
  /**
   * Resolves after a call of `wake` that came since the last wait, at the latest after so many
   * milliseconds.
   */
  wait(milliseconds: number, signal: AbortSignal): Promise<void>;
}

/**
 * Delay before the worker wakes. Its work must not slow down the answer of the request that woke it: the
 * time could reveal whether an account exists.
 */
const answerFirst = 100; // milliseconds

export function createWakeUp(timers: Timers): WakeUp {
  let called = Promise.withResolvers<void>();
  return {
    wake: () => called.resolve(),
    async wait(milliseconds, signal) {
      const over = new AbortController();
      const stop = AbortSignal.any([signal, over.signal]);
      const wasCalled = await Promise.race([
        called.promise.then(() => true),
        timers.sleep(milliseconds, stop).then(() => false),
      ]);
      over.abort();
      if (!wasCalled) return;
      called = Promise.withResolvers<void>();
      await timers.sleep(answerFirst, signal);
    },
  };
}
