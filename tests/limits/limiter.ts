import type { KvBackend } from "../../stores/engine/kv.ts";
import { systemTimers } from "../../stores/engine/kv.ts";
import { openMemory } from "../../stores/engine/local_file.ts";
import * as rateLimits from "../../stores/rate_limits.ts";
import { createKv } from "../../stores/engine/step.ts";
import type { Limit } from "../../src/config/config.ts";
import { systemRandom } from "../../src/crypto/random.ts";
import type { LimitDeps, LimitedKey, Reservation } from "../../src/limits/reserve.ts";
import { silentLogger } from "../../src/telemetry/logger.ts";
import { type TestClock, testClock } from "../support/clock.ts";
import { defaultConfig } from "../support/config.ts";
import { countedKv } from "../support/counted_kv.ts";

/** A process that counts, on a store of its own unless it is given one. */
export interface Limiter extends AsyncDisposable {
  readonly clock: TestClock;
  readonly backend: KvBackend;
  readonly deps: LimitDeps;
  /** The calls that reached the store since this was last asked. */
  calls(): string[];
}

export interface LimiterOptions {
  readonly clock?: TestClock;
  readonly backend?: KvBackend;
  readonly limits?: Partial<LimitDeps["config"]["limits"]>;
  readonly rateLimits?: boolean;
}

export async function aLimiter(options: LimiterOptions = {}): Promise<Limiter> {
  const clock = options.clock ?? testClock();
  const backend = options.backend ?? await openMemory();
  const { calls, wrap } = countedKv();
  const kv = createKv(wrap(backend), { clock, timers: systemTimers, random: systemRandom });
  return {
    clock,
    backend,
    deps: {
      kv,
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

/** How often each status was answered. */
export function countByStatus(responses: readonly Response[]): Record<number, number> {
  const counts: Record<number, number> = {};
  for (const { status } of responses) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
}
