import type { Limit } from "../config/config.ts";

/** The requests that passed in the window before `at`; both in epoch milliseconds. */
export interface SlidingWindow {
  readonly at: number;
  readonly passed: readonly number[];
}

/**
 * Reads a log as of now. A request exactly as old as the window has left it. Time never goes back within
 * a log: if a process with a faster clock wrote an entry, that entry's time counts as now. So no window
 * of the log ever holds too many requests, whatever the clocks say.
 */
export function windowAt(log: readonly number[], limit: Limit, now: number): SlidingWindow {
  const at = Math.max(now, log.at(-1) ?? now);
  return { at, passed: log.filter((entry) => entry > at - limit.seconds * 1000) };
}

export function isFull({ passed }: SlidingWindow, limit: Limit): boolean {
  return passed.length >= limit.count;
}

export function withOneMore({ at, passed }: SlidingWindow): SlidingWindow {
  return { at, passed: [...passed, at] };
}

/** Removes one of the requests that passed at a moment. */
export function withoutOne({ at, passed }: SlidingWindow, moment: number): SlidingWindow {
  const index = passed.indexOf(moment);
  return { at, passed: passed.filter((_, n) => n !== index) };
}

/** The number of requests that would still pass. */
export function remaining({ passed }: SlidingWindow, limit: Limit): number {
  return Math.max(0, limit.count - passed.length);
}

/** Seconds, rounded up, until one more request would pass than now; 0 if the limit is unused. */
export function untilNextPlace({ at, passed }: SlidingWindow, limit: Limit): number {
  // If the limit was lowered, the log can hold more than it allows, and several entries must leave first.
  const leaves = passed[Math.max(0, passed.length - limit.count)];
  if (leaves === undefined) return 0;
  return Math.ceil((leaves + limit.seconds * 1000 - at) / 1000);
}
