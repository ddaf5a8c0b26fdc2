import { HasherBusy } from "../../deps/password_hasher.ts";

export interface HashQueueOptions {
  /** How many hashes are computed at a time. */
  readonly concurrency: number;
  /** How many may wait for their turn, in each of the two lines. */
  readonly longest: number;
}

/** Runs a task in its turn. @param known whether its browser has signed the account in before */
export type InTurn = <T>(known: boolean, task: () => Promise<T>) => Promise<T>;

/**
 * A bounded queue of password hashes. Each one takes 19 MiB and some 30 ms of a core, so a flood must
 * wait, and must not wait in an endless line either: a browser that hears nothing for a minute is no
 * better off than one that is told to come back.
 *
 * Known browsers have a line of their own and go first, so that strangers cannot crowd them out.
 *
 * @returns what runs a task; it throws `HasherBusy` at once where its line is full
 */
export function hashQueue({ concurrency, longest }: HashQueueOptions): InTurn {
  const lines = { known: [] as (() => void)[], strangers: [] as (() => void)[] };
  let running = 0;

  return async (known, task) => {
    // One that had to wait takes over the place of the one that ended, so the count stays.
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
