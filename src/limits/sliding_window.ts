import type { Entry } from "../../stores/engine/collection.ts";
import type { Transaction } from "../../stores/engine/transaction.ts";
import * as rateLimits from "../../stores/rate_limits.ts";
import { isOfWrongClock } from "../../stores/engine/wrong_clock.ts";
import type { Limit } from "../config/config.ts";

/** The log of a limit for one subject, as a step has read it. */
export type ReadLog = Entry<rateLimits.RateLimitLog>;

/** The requests that passed in the window before `at`; both in epoch milliseconds. */
export interface SlidingWindow {
  readonly at: number;
  readonly passed: readonly number[];
}

/**
 * Reads a log as of the moment of a step. A request exactly as old as the window has left it. Time never
 * goes back within a log: if a process with a faster clock wrote an entry, that entry's time counts as now.
 * So no window of the log ever holds too many requests, while the clocks of all processes are nearly right.
 * Entries of a clock that was wrong do not count.
 * @param log null: none is known
 */
export function windowOf(
  { milliseconds: now }: Pick<Transaction, "milliseconds">,
  { limit }: { readonly limit: Limit },
  log: ReadLog | null,
): SlidingWindow {
  const passed = log?.value?.passed.filter((entry) => !isOfWrongClock(entry, now)) ?? [];
  const at = Math.max(now, passed.at(-1) ?? now);
  return { at, passed: passed.filter((entry) => entry > at - limit.seconds * 1000) };
}

/** Stores the requests that count against a limit. */
export function writeWindow(
  tx: Transaction,
  { name, limit }: { readonly name: string; readonly limit: Limit },
  log: ReadLog,
  { passed }: SlidingWindow,
) {
  rateLimits.write(tx, log, { limit: name, passed, window: limit.seconds });
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
