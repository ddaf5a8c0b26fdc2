import type { Timers } from "../../stores/engine/kv.ts";

/** Wakes the mail worker of this process when there is a mail to send. */
export interface Bell {
  ring(): void;
  /**
   * Resolves when the bell rings or has rung since the last wait, at the latest after so many
   * milliseconds.
   */
  wait(milliseconds: number, signal: AbortSignal): Promise<void>;
}

/**
 * Delay before the worker wakes: its work must not slow down the answer of the request that rang, which
 * could reveal whether an account exists.
 */
const answerFirst = 100; // milliseconds

export function createBell(timers: Timers): Bell {
  let rung = Promise.withResolvers<void>();
  return {
    ring: () => rung.resolve(),
    async wait(milliseconds, signal) {
      const over = new AbortController();
      const stop = AbortSignal.any([signal, over.signal]);
      const hasRung = await Promise.race([
        rung.promise.then(() => true),
        timers.sleep(milliseconds, stop).then(() => false),
      ]);
      over.abort();
      if (!hasRung) return;
      rung = Promise.withResolvers<void>();
      await timers.sleep(answerFirst, signal);
    },
  };
}
