import type { Timers } from "../../stores/engine/kv.ts";

/** Tells the worker of this process that there is something to send. */
export interface Bell {
  ring(): void;
  /** Resolves when the bell rings or has rung since the last wait, else after so many milliseconds. */
  wait(milliseconds: number, signal: AbortSignal): Promise<void>;
}

/** How long a ring waits: what the worker then does must not show in the time of who rang. */
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
