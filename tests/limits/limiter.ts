import { type KvBackend, systemTimers } from "../../stores/engine/kv.ts";
import { openMemory } from "../../stores/engine/local_file.ts";
import * as requestCounts from "../../stores/request_counts.ts";
import * as rateLimits from "../../stores/rate_limits.ts";
import { createKv } from "../../stores/engine/step.ts";
import type { Limit } from "../../src/config/config.ts";
import { systemRandom } from "../../src/crypto/random.ts";
import type { LimitDeps, LimitedKey, Reservation } from "../../src/limits/reservation.ts";
import type { RequestKey } from "../../src/limits/request_key.ts";
import { type TestClock, testClock } from "../support/clock.ts";
import { defaultConfig } from "../support/config.ts";
import { countedKv } from "../support/counted_kv.ts";
import { silentLogger } from "../support/silent_logger.ts";

/** A process that counts, on a store of its own unless it is given one. */
export interface Limiter extends AsyncDisposable {
  readonly clock: TestClock;
  readonly backend: KvBackend;
  readonly deps: LimitDeps;
  /** The calls that reached the store since this was last asked. */
  calls(): string[];
}

export interface LimiterOptions {
  /** Whether this process alone writes to the store, and so remembers what it wrote. */
  readonly alone?: boolean;
  readonly clock?: TestClock;
  readonly backend?: KvBackend;
  readonly limits?: Partial<LimitDeps["config"]["limits"]>;
  readonly rateLimits?: boolean;
}

export async function aLimiter(options: LimiterOptions = {}): Promise<Limiter> {
  const clock = options.clock ?? testClock();
  const backend = options.backend ?? await openMemory();
  const { calls, wrap } = countedKv();
  const cacheBytes = options.alone ? 2 ** 20 : 0;
  const surroundings = { clock, timers: systemTimers, random: systemRandom, cacheBytes };
  const kv = createKv(wrap(backend), surroundings);
  return {
    clock,
    backend,
    deps: {
      kv,
      clock,
      timers: systemTimers,
      random: systemRandom,
      logger: silentLogger,
      config: {
        rateLimits: options.rateLimits ?? true,
        limits: { ...defaultConfig.limits, ...options.limits },
      },
    },
    calls: () => calls.splice(0),
    async [Symbol.asyncDispose]() {
      if (options.backend === undefined) await kv.close();
    },
  };
}

/** The key of a limit for one subject. */
export async function aKey(limit: Limit, subject = "someone", name = "test"): Promise<LimitedKey> {
  return { name, limit, ref: await rateLimits.ref(name, subject) };
}

export function countPassed(reservations: readonly Reservation[]): number {
  return reservations.filter(({ passed }) => passed).length;
}

/** Does something so many times at once. */
export function atOnce<T>(count: number, work: (i: number) => Promise<T>): Promise<T[]> {
  return Promise.all(Array.from({ length: count }, (_, i) => work(i)));
}

/** The key of a limit of requests for one subject. */
export async function aRequestKey(
  limit: Limit,
  subject = "someone",
  name = "test",
): Promise<RequestKey> {
  return { counted: "requests", name, limit, ref: await requestCounts.ref(name, subject) };
}

/** How often each status was answered. */
export function countByStatus(responses: readonly Response[]): Record<number, number> {
  const counts: Record<number, number> = {};
  for (const { status } of responses) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
}
