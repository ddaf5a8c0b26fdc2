import type { Ref } from "../../stores/engine/collection.ts";
import type { RateLimitLog } from "../../stores/rate_limits.ts";
import type { Config, Limit } from "../config/config.ts";
import type { Deps } from "../deps/deps.ts";
import { noteRefusal } from "../protocol/refusals.ts";
import { count } from "../telemetry/counters.ts";

/** The dependencies of counting. */
export interface LimitDeps extends Pick<Deps, "kv" | "logger" | "clock" | "timers" | "random"> {
  readonly config: Pick<Config, "rateLimits" | "limits">;
}

/** A limit for one subject. */
export interface LimitedKey {
  /** The name that clients and operators see: lower-case ASCII. */
  readonly name: string;
  readonly limit: Limit;
  readonly ref: Ref<RateLimitLog>;
}

/** The used part of a limit. */
export interface Quota {
  readonly name: string;
  readonly limit: Limit;
  readonly remaining: number;
  /** Seconds until another request is allowed. */
  readonly reset: number;
}

export interface Reservation {
  readonly passed: boolean;
  /** After a pass, all its limits; after a refusal, those that refused. */
  readonly quotas: readonly Quota[];
  /** Seconds after which a refused request can pass; 0 if it passed. */
  readonly retryAfter: number;
  /** Milliseconds since the last place of a full limit was taken; absent after a pass. */
  readonly newest?: number;
  /** The input of `keep` and `giveBack`; empty if nothing was taken. */
  readonly taken: readonly TakenPlace[];
  /** Whether the places are only in the memory of this process, and not stored yet. */
  readonly isHeld?: boolean;
}

/** A place in a log: the entry that a reservation wrote there. */
export interface TakenPlace {
  readonly key: LimitedKey;
  /** Epoch milliseconds. Entries of the same moment are equal, so any of them may be given back. */
  readonly at: number;
}

/** The answer where nothing is counted. */
export const unlimited: Reservation = { passed: true, quotas: [], retryAfter: 0, taken: [] };

/** Logs a refusal for the operator. */
export function logged({ logger }: LimitDeps, reservation: Reservation): Reservation {
  if (reservation.passed) return reservation;
  const limits = reservation.quotas.map(({ name }) => name);
  noteRefusal("rate_limited", limits.join(" "));
  for (const limit of limits) count("latchkey.limits.refused", { limit });
  logger.debug("a rate limit refused a request", { limits });
  return reservation;
}
