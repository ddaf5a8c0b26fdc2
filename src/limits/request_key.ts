import type { Ref } from "../../stores/engine/collection.ts";
import { nameOf } from "../../stores/engine/transaction.ts";
import type { RequestCount } from "../../stores/request_counts.ts";
import type { Limit } from "../config/config.ts";
import type { LimitedKey, Reservation } from "./reservation.ts";

/** A limit of requests for one subject. Requests are no guesses, so they are counted more cheaply. */
export interface RequestKey {
  readonly counted: "requests";
  readonly name: string;
  readonly limit: Limit;
  readonly ref: Ref<RequestCount>;
}

/** Whether a limit is one of requests, and not of guesses. */
export function isOfRequests(key: LimitedKey | RequestKey): key is RequestKey {
  return "counted" in key;
}

/** What is used of a limit. */
export interface RequestUsage {
  readonly key: RequestKey;
  readonly used: number;
  /** Seconds until another request passes. */
  readonly reset: number;
}

/** The answer to a request. @param usages after a pass, all; after a refusal, those that refused */
export function requestReservation(usages: readonly RequestUsage[], passed: boolean): Reservation {
  const quotas = usages.map(({ key: { name, limit }, used, reset }) => ({
    name,
    limit,
    remaining: Math.max(0, limit.count - used),
    reset,
  }));
  const retryAfter = passed ? 0 : Math.max(...quotas.map(({ reset }) => reset));
  return { passed, quotas, retryAfter, taken: [] };
}

export function nameOfRequestKey({ ref }: RequestKey): string {
  return nameOf(ref);
}
