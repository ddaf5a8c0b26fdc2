import type { Clock, Timers } from "./kv.ts";

/** Milliseconds of work after which requests have their turn. */
const slice = 10;
/** The longest rest, well below the life of a lease. */
const longestRest = 5000;

/** The process was told to stop, so long work is left to the next one. */
export class Interrupted extends Error {
  override readonly name = "Interrupted";
}

/** What comes between two bits of long work. @throws {Interrupted} if the process is to stop */
export type GiveWay = () => Promise<void>;

/**
 * Spreads long work over time: after 10 ms of it, it rests for as long as it has worked, so that
 * requests get at least half of the time. Call what it returns between bits that take a few
 * milliseconds at most.
 */
export function pacer({ clock, timers, stopping }: {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly stopping: AbortSignal;
}): GiveWay {
  let began = clock.milliseconds();
  return async () => {
    if (stopping.aborted) throw new Interrupted("the process was told to stop");
    const worked = clock.milliseconds() - began;
    if (worked < slice) return;
    await timers.sleep(Math.min(worked, longestRest));
    began = clock.milliseconds();
  };
}
