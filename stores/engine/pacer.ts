import type { Clock, Timers } from "./kv.ts";

/** Milliseconds of long work before requests get their turn: less than one of them takes. */
const shortest = 2;
/** The same on a busy process, where a turn of the others takes several times as long. */
const longestSlice = 20;
/** The longest pause in milliseconds, far shorter than the life of a lease. */
const longestRest = 5000;
/** Milliseconds that a timer may be late without anybody being busy. */
const usualLag = 2;
/** Milliseconds of pause for each millisecond that the last pause was too long. */
const restForLag = 4;

/** The process was told to stop. The next process does the rest of the work. */
export class Interrupted extends Error {
  override readonly name = "Interrupted";
}

/** Call this between two pieces of long work. @throws {Interrupted} if the process is to stop */
export type GiveWay = () => Promise<void>;

/** How long work gives way, in milliseconds of pause for each millisecond of work. */
export interface Pace {
  /** At least, also while the process is not busy. */
  readonly rest: number;
  /**
   * As far as the work may give way because the process is busy. The time by which the last pause was late
   * counts too. With 4, work gets about a fifth of the time.
   */
  readonly most: number;
  /** Milliseconds of work before a pause, while the process is not busy. Requests wait so long. */
  readonly slice?: number;
}

const evenPace: Pace = { rest: 1, most: 4 };

/**
 * Spreads long work over time: after a slice of work it pauses, so that requests get their turn. If the pause
 * was longer than asked, other work kept the processor busy: then the next one is longer too, but the work
 * keeps its share. Else sealing would fall behind for as long as a process is busy. If a pause is late by
 * more than that share allows, the next piece of work is longer instead. Call the returned function between
 * pieces that take about a millisecond.
 */
export function pacer({ clock, timers, stopping }: {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly stopping: AbortSignal;
}, { rest, most, slice = shortest }: Pace = evenPace): GiveWay {
  let began = clock.milliseconds();
  let late = 0;
  return async () => {
    if (stopping.aborted) throw new Interrupted("the process was told to stop");
    const paused = clock.milliseconds();
    const worked = paused - began;
    const enough = late > usualLag ? Math.max(shortest, late / most) : slice;
    if (worked < Math.min(enough, longestSlice)) return;
    const yielded = Math.max(0, late - usualLag) * restForLag;
    const longer = Math.max(0, Math.min(yielded, worked * (most - rest) - late));
    const pause = Math.min(worked * rest + longer, longestRest);
    await timers.sleep(pause, stopping);
    began = clock.milliseconds();
    late = Math.max(0, began - paused - pause);
  };
}
