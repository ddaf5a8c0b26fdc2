import type { RequestCount } from "../../stores/request_counts.ts";
import { isOfWrongClock } from "../../stores/engine/wrong_clock.ts";
import type { Limit } from "../config/config.ts";

/** The requests that count against a limit at a moment, in epoch milliseconds. */
export interface RequestWindow {
  readonly at: number;
  /** Moment and number, oldest first. */
  readonly passed: readonly (readonly [until: number, count: number])[];
  readonly leases: RequestCount["leases"];
  /** How many requests these are. */
  readonly used: number;
}

type Stored = Pick<RequestCount, "at" | "passed" | "leases">;
const unused: Stored = { at: 0, passed: [], leases: [] };

/**
 * Reads a count as of now. What a lease allows counts as passed at the last moment of the lease, so no
 * window ever holds more requests than the limit. Time never goes back within a count: if a process with a
 * faster clock wrote it, its time counts as now. What a clock that was wrong has dated does not count.
 */
export function requestWindow(stored: Stored | null, limit: Limit, now: number): RequestWindow {
  const { at: last, passed, leases } = withoutWrongTimes(stored ?? unused, now);
  const at = Math.max(now, last);
  const start = at - limit.seconds * 1000;
  const kept = passed.filter(([until]) => until > start);
  const live = leases.filter(({ until }) => until > start);
  const used = sum(kept.map(([, count]) => count)) + sum(live.map(({ count }) => count));
  return { at, passed: kept, leases: live, used };
}

/** A count without what a wrong clock has dated. */
function withoutWrongTimes(count: Stored, now: number): Stored {
  if (!isOfWrongClock(count.at, now)) return count;
  const passed = count.passed.filter(([until]) => !isOfWrongClock(until, now));
  const leases = count.leases.filter(({ until }) => !isOfWrongClock(until, now));
  return { ...count, at: now, passed, leases };
}

/** Adds requests that pass now. */
export function withRequests(window: RequestWindow, count: number, limit: Limit): RequestWindow {
  if (count === 0) return window;
  const until = rounded(window.at, limit);
  const last = window.passed.at(-1);
  const passed = last?.[0] === until
    ? [...window.passed.slice(0, -1), [until, last[1] + count] as const]
    : [...window.passed, [until, count] as const];
  return { ...window, passed, used: window.used + count };
}

/** The window as it is stored. @param name the limit's */
export function storedWindow(
  { at, passed, leases }: RequestWindow,
  { name, limit }: { readonly name: string; readonly limit: Limit },
): RequestCount {
  const last = Math.max(at, passed.at(-1)?.[0] ?? 0, ...leases.map(({ until }) => until));
  return {
    limit: name,
    at,
    passed: passed.map(([until, count]) => [until, count]),
    leases: [...leases],
    expiresAt: Math.ceil(last / 1000) + limit.seconds,
  };
}

/** Seconds, rounded up, until one more request would pass than now; 0 if the limit is unused. */
export function untilNextRequest({ at, passed, leases, used }: RequestWindow, limit: Limit) {
  let excess = used - limit.count;
  const ends = [...passed, ...leases.map(({ until, count }) => [until, count] as const)]
    .sort(([one], [other]) => one - other);
  for (const [until, count] of ends) {
    excess -= count;
    if (excess < 0) return Math.ceil((until + limit.seconds * 1000 - at) / 1000);
  }
  return 0;
}

/** A count has at most about this many moments. */
const moments = 1000;

/** Rounds up, where a limit allows so many requests that each moment cannot be stored. */
export function rounded(at: number, { count, seconds }: Limit): number {
  const step = count <= moments ? 1 : Math.ceil(seconds * 1000 / moments);
  return Math.ceil(at / step) * step;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
