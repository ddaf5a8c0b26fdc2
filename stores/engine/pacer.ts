import type { Clock, Timers } from "./kv.ts";

/** Milliseconds of long work before requests get their turn: less than one of them takes. */
const slice = 2;
/** The longest pause in milliseconds, far shorter than the life of a lease. */
const longestRest = 5000;
/** Milliseconds that a timer may be late without anybody being busy. */
const usualLag = 2;
/** Milliseconds of pause for each millisecond that the last pause was too long, and the most of them. */
const [restForLag, longestRestForLag] = [4, 50];

/** The process was told to stop. The next process does the rest of the work. */
export class Interrupted extends Error {
  override readonly name = "Interrupted";
}

/** Call this between two pieces of long work. @throws {Interrupted} if the process is to stop */
export type GiveWay = () => Promise<void>;

/**
 * Spreads long work over time: after 2 ms of work it pauses for as long as it worked, so that requests
 * get at least half of the time. If the pause was longer than asked, other work kept the process busy: then
 * the next one is longer too. Call the returned function between pieces that take about a millisecond.
 * @param rest milliseconds of pause for each millisecond of work
 */
export function pacer({ clock, timers, stopping }: {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly stopping: AbortSignal;
}, rest = 1): GiveWay {
  let began = clock.milliseconds();
  let lag = 0;
  return async () => {
    if (stopping.aborted) throw new Interrupted("the process was told to stop");
    const paused = clock.milliseconds();
    const worked = paused - began;
    if (worked < slice) return;
    const yielded = Math.min(lag * restForLag, longestRestForLag);
    const pause = Math.min(worked * rest + yielded, longestRest);
    await timers.sleep(pause);
    began = clock.milliseconds();
    lag = Math.max(0, began - paused - pause - usualLag);
  };
}
