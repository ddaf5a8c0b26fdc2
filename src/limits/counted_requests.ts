import { isOfWrongClock } from "../../stores/engine/wrong_clock.ts";
import type { RequestKey, RequestUsage } from "./request_key.ts";
import { type RequestWindow, rounded, untilNextRequest } from "./request_window.ts";

/** The requests of one subject, which only this process counts. */
export interface Counted {
  readonly key: RequestKey;
  /** Moment and number, oldest first; those before `first` have left the window. */
  passed: [until: number, count: number][];
  first: number;
  used: number;
  at: number;
  isStored: boolean;
}

/** The requests of one subject, under the limit as it is configured now. */
export interface Log {
  readonly log: Counted;
  readonly key: RequestKey;
}

/** Moves on to now: drops what has left the window. */
export function moveOn({ log, key }: Log, now: number) {
  if (isOfWrongClock(log.at, now)) startAgain(log, now);
  log.at = Math.max(now, log.at);
  const start = log.at - key.limit.seconds * 1000;
  for (;;) {
    const oldest = log.passed[log.first];
    if (oldest === undefined || oldest[0] > start) break;
    log.used -= oldest[1];
    log.first += 1;
  }
  if (log.first < 1000 && log.first < log.passed.length) return;
  log.passed = log.passed.slice(log.first);
  log.first = 0;
}

/** Forgets what was dated by a wrong clock. */
function startAgain(log: Counted, now: number) {
  log.passed = log.passed.slice(log.first).filter(([until]) => !isOfWrongClock(until, now));
  log.first = 0;
  log.used = log.passed.reduce((sum, [, count]) => sum + count, 0);
  log.at = now;
}

/** Adds a request that passes now. */
export function add({ log, key }: Log) {
  const until = rounded(log.at, key.limit);
  const last = log.first < log.passed.length ? log.passed.at(-1) : undefined;
  if (last?.[0] === until) last[1] += 1;
  else log.passed.push([until, 1]);
  log.used += 1;
  log.isStored = false;
}

/** What is used of the limit. */
export function usage({ log, key }: Log): RequestUsage {
  const { used } = log;
  const oldest = log.passed[log.first];
  if (used > key.limit.count) { // the limit was lowered
    return { key, used, reset: untilNextRequest(windowOf(log), key.limit) };
  }
  const reset = oldest === undefined
    ? 0
    : Math.ceil((oldest[0] + key.limit.seconds * 1000 - log.at) / 1000);
  return { key, used, reset };
}

/** The requests as they are stored. */
export function windowOf({ at, passed, first, used }: Counted): RequestWindow {
  return { at, passed: passed.slice(first), leases: [], used };
}
