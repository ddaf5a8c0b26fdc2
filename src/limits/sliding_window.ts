import type { Limit } from "../config/config.ts";

/** The requests that passed within the length of a limit before `at`; both in epoch milliseconds. */
export interface SlidingWindow {
  readonly at: number;
  readonly passed: readonly number[];
}

/**
 * Looks at a log as of now. A request that is exactly the length old has left the window.
 *
 * Time never goes back within a log: an entry that a process with a faster clock wrote is the present
 * of its key, so that no window of the log ever holds too many, whatever the clocks say.
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

/** Without one of the requests that passed at a moment. */
export function withoutOne({ at, passed }: SlidingWindow, moment: number): SlidingWindow {
  const index = passed.indexOf(moment);
  return { at, passed: passed.filter((_, n) => n !== index) };
}

/** How many requests would still pass. */
export function remaining({ passed }: SlidingWindow, limit: Limit): number {
  return Math.max(0, limit.count - passed.length);
}

/** Seconds, rounded up, until one request more will pass than would now; 0 if all would. */
export function untilNextPlace({ at, passed }: SlidingWindow, limit: Limit): number {
  // A limit that was lowered meanwhile holds more than it takes, and several have to leave first.
  const leaves = passed[Math.max(0, passed.length - limit.count)];
  if (leaves === undefined) return 0;
  return Math.ceil((leaves + limit.seconds * 1000 - at) / 1000);
}
