import type { Clock, Timers } from "./kv.ts";

/** Milliseconds of long work before requests get their turn. */
const slice = 10;
/** The longest pause in milliseconds, far shorter than the life of a lease. */
const longestRest = 5000;

/** The process was told to stop. The next process does the rest of the work. */
export class Interrupted extends Error {
  override readonly name = "Interrupted";
}

/** Call this between two pieces of long work. @throws {Interrupted} if the process is to stop */
export type GiveWay = () => Promise<void>;

/**
 * Spreads long work over time: after 10 ms of work it pauses for as long as it worked, so that requests
 * get at least half of the time. Call the returned function between pieces that take a few milliseconds
 * at most.
 * @param rest milliseconds of pause for each millisecond of work
 */
export function pacer({ clock, timers, stopping }: {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly stopping: AbortSignal;
}, rest = 1): GiveWay {
  let began = clock.milliseconds();
  return async () => {
    if (stopping.aborted) throw new Interrupted("the process was told to stop");
    const worked = clock.milliseconds() - began;
    if (worked < slice) return;
    await timers.sleep(Math.min(worked * rest, longestRest));
    began = clock.milliseconds();
  };
}
