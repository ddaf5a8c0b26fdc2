import { HasherBusy } from "../../deps/password_hasher.ts";

export interface HashQueueOptions {
  /** The number of hashes that are computed at the same time. */
  readonly concurrency: number;
  /** The number that may wait in each of the two queues. */
  readonly longest: number;
}

/**
 * Runs a task in its turn. @param known whether somebody has signed in to the account with this browser
 * before
 */
export type InTurn = <T>(known: boolean, task: () => Promise<T>) => Promise<T>;

/**
 * A limited queue of password hashes. Each takes 19 MiB and about 30 ms of a core, so a flood must
 * wait. The queue must not be endless: a browser without an answer for a minute is no better off than
 * one that is told to try again.
 *
 * Known browsers have their own queue and go first, so that strangers cannot block them.
 *
 * @returns a function that runs a task; it throws `HasherBusy` at once if its queue is full
 */
export function hashQueue({ concurrency, longest }: HashQueueOptions): InTurn {
  const lines = { known: [] as (() => void)[], strangers: [] as (() => void)[] };
  let running = 0;

  return async (known, task) => {
    // A waiting task takes the place of the one that ended, so the count stays the same.
    if (running < concurrency) running += 1;
    else {
      const line = known ? lines.known : lines.strangers;
      if (line.length >= longest) throw new HasherBusy();
      await new Promise<void>((turn) => line.push(turn));
    }
    try {
      return await task();
    } finally {
      const next = lines.known.shift() ?? lines.strangers.shift();
      if (next === undefined) running -= 1;
      else next();
    }
  };
}
