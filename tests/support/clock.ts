import type { Clock, Timers } from "../../stores/engine/kv.ts";

/** A clock that stands still until it is told to go on, and timers that follow it. */
export interface TestClock extends Clock {
  readonly timers: Timers;
  /** Moves the time on, and ends in their order the sleeps that are due by then. */
  advance(seconds: number): void;
  /** Resolves when so many sleeps wait for the time to move on. */
  sleepers(count: number): Promise<void>;
}

interface Sleep {
  readonly until: number;
  end(): void;
}

/** @param start epoch seconds; some day in 2026 unless it matters */
export function testClock(start = 1_780_000_000): TestClock {
  let now = start * 1000;
  let sleeps: Sleep[] = [];
  let watchers: { count: number; resolve: () => void }[] = [];

  return {
    seconds: () => Math.floor(now / 1000),
    milliseconds: () => now,
    timers: {
      sleep(milliseconds, signal) {
        if (signal?.aborted) return Promise.resolve();
        const { promise, resolve } = Promise.withResolvers<void>();
        const sleep: Sleep = { until: now + milliseconds, end };
        function end() {
          sleeps = sleeps.filter((other) => other !== sleep);
          signal?.removeEventListener("abort", end);
          resolve();
        }
        signal?.addEventListener("abort", end);
        sleeps.push(sleep);
        tellWatchers();
        return promise;
      },
    },
    advance(seconds) {
      now += seconds * 1000;
      const due = sleeps.filter(({ until }) => until <= now).sort((a, b) => a.until - b.until);
      for (const sleep of due) sleep.end();
    },
    sleepers(count) {
      const { promise, resolve } = Promise.withResolvers<void>();
      watchers.push({ count, resolve });
      tellWatchers();
      return promise;
    },
  };

  function tellWatchers() {
    const isMet = ({ count }: { count: number }) => sleeps.length >= count;
    for (const { resolve } of watchers.filter(isMet)) resolve();
    watchers = watchers.filter((watcher) => !isMet(watcher));
  }
}
