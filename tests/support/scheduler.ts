import type { Clock, Timers } from "../../stores/engine/kv.ts";

/**
 * Virtual time. Whoever waits sleeps in it, and the sleeps end one after the other, each only when
 * nothing else can go on any more: so what happens, and in what order, follows from how long they
 * sleep, and not from the machine.
 */
export interface Scheduler {
  /** The time of day, which `jump` moves and the timers do not follow. */
  readonly clock: Clock;
  /** Nothing stops these. */
  readonly timers: Timers;
  /** Timers of something mortal: once it is dead, none of its sleeps ends. */
  timersWhile(isAlive: () => boolean): Timers;
  /** Milliseconds since the beginning; never jumps. */
  readonly elapsed: number;
  /** How many sleeps have ended. */
  readonly steps: number;
  jump(milliseconds: number): void;
  /** Does something when so many sleeps have ended, in the quiet after it. */
  atStep(step: number, act: () => void): void;
  /** Lets time pass until nobody sleeps. @throws {Error} after too many steps: something never ends */
  run(): Promise<void>;
}

export interface SchedulerOptions {
  /** Epoch milliseconds. */
  readonly start: number;
  readonly outside?: Outside;
  readonly maxSteps?: number;
}

/** Work on other threads, which the scheduler cannot see. */
export interface Outside {
  /** How many questions were ever asked there, and how many of them are not answered yet. */
  readonly asked: number;
  readonly open: number;
}

interface Sleep {
  readonly until: number;
  readonly isAlive: () => boolean;
  readonly end: () => void;
  over: boolean;
}

export function scheduler(
  { start, outside = { asked: 0, open: 0 }, maxSteps = 100_000 }: SchedulerOptions,
): Scheduler {
  /** The first to end is the last; of two that end at once, the first to begin ends first. */
  const sleeps: Sleep[] = [];
  const acts = new Map<number, (() => void)[]>();
  let elapsed = 0;
  let jumped = 0;
  let steps = 0;
  const milliseconds = () => Math.floor(start + elapsed + jumped);

  return {
    clock: { milliseconds, seconds: () => Math.floor(milliseconds() / 1000) },
    timers: timersWhile(() => true),
    timersWhile,
    get elapsed() {
      return elapsed;
    },
    get steps() {
      return steps;
    },
    jump(by) {
      jumped += by;
    },
    atStep(step, act) {
      acts.set(step, [...acts.get(step) ?? [], act]);
    },
    async run() {
      for (;;) {
        // All that was set going goes as far as it can before anything else happens.
        await quiet();
        const next = sleeps.pop();
        if (next === undefined) return;
        if (next.over || !next.isAlive()) continue;
        if (++steps > maxSteps) throw new Error(`still not quiet after ${maxSteps} steps`);
        elapsed = next.until;
        next.over = true;
        next.end();
        const due = acts.get(steps);
        if (due === undefined) continue;
        await quiet();
        for (const act of due) act();
      }
    },
  };

  /** A turn of the event loop in which nothing was asked outside, and nothing open. */
  async function quiet() {
    for (;;) {
      const { asked, open } = outside;
      await turnOfEventLoop();
      if (open === 0 && outside.asked === asked) return;
    }
  }

  function timersWhile(isAlive: () => boolean): Timers {
    return {
      sleep(milliseconds, signal) {
        if (!isAlive()) return new Promise(() => {});
        if (signal?.aborted) return Promise.resolve();
        const { promise, resolve } = Promise.withResolvers<void>();
        const sleep = { until: elapsed + milliseconds, isAlive, end: resolve, over: false };
        const wake = () => {
          sleep.over = true;
          if (isAlive()) resolve();
        };
        signal?.addEventListener("abort", wake, { once: true });
        insert(sleep);
        return promise;
      },
    };
  }

  function insert(sleep: Sleep) {
    let [from, to] = [0, sleeps.length];
    while (from < to) {
      const middle = (from + to) >> 1;
      if ((sleeps[middle]?.until ?? 0) > sleep.until) from = middle + 1;
      else to = middle;
    }
    sleeps.splice(from, 0, sleep);
  }
}

/** Resolves when all microtasks have run: a timer would take a millisecond. */
function turnOfEventLoop(): Promise<void> {
  return new Promise((done) => setImmediate(done));
}
