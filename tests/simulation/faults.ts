import {
  type Fault,
  type FaultRates,
  type FaultyOptions,
  randomFaults,
} from "../support/faulty_kv.ts";
import type { Scheduler } from "../support/scheduler.ts";
import { type Chance, chanceOf } from "./chance.ts";

/** Milliseconds after which a process gives up a call. */
export const callDeadline = 3000;

/** The faults of calls to the store, and the times of outages and kills. */
export interface FaultPlan {
  readonly fault: FaultyOptions["fault"];
  /** The milliseconds that a call takes in one direction. */
  latency(): number;
  /** The number of steps after which each process is killed, in order. */
  readonly deaths: readonly { readonly step: number; readonly slot: number }[];
  readonly jumps: readonly { readonly step: number; readonly milliseconds: number }[];
  /** Stops all faults: no call fails and no process is killed from now on. */
  clear(): void;
  readonly isClear: boolean;
}

export interface FaultPlanOptions {
  readonly seed: number;
  readonly remote: boolean;
  readonly slots: number;
  readonly scheduler: Scheduler;
}

/** Every seed has its own faults: with some seeds there are none, with others almost every call fails. */
export function faultPlanOf({ seed, remote, slots, scheduler }: FaultPlanOptions): FaultPlan {
  const chance = chanceOf(seed, "weather");
  const rates = chance.happens(0.2) ? {} : ratesOf(chance, remote);
  const faults = randomFaults(chance.random, { rates, longest: chance.pick([50, 2_000, 12_000]) });
  const slowness = chance.pick([0.2, 1, 5, 40]);
  const outage = outageOf(chance, remote);
  let isClear = false;
  const latency = () =>
    slowness * (!isClear && chance.happens(0.02) ? 30 : 0.2 + chance.fraction());

  return {
    fault(call) {
      if (isClear) return null;
      const { elapsed } = scheduler;
      if (outage && elapsed >= outage.from && elapsed < outage.until) return outage.fault;
      const fault = faults(call);
      // These faults happen only to commits.
      const isOdd = fault?.kind === "conflict" || fault?.kind === "replyLost";
      if (isOdd && call.kind !== "commit") return null;
      // The worst time to land is while its sender finds out whether it has.
      const isWorst = fault?.kind === "hang" && chance.happens(0.4);
      return isWorst ? { kind: "hang", landsAfter: callDeadline + latency() * 6 } : fault;
    },
    latency,
    deaths: times(chance.pick([0, 0, 1, 1, 2]), () => ({
      step: chance.between(1, 400),
      slot: chance.between(0, slots - 1),
    })),
    jumps: times(chance.pick([0, 0, 0, 1, 2]), () => ({
      step: chance.between(1, 400),
      milliseconds: chance.pick([-3_000, -500, 1_500, 30_000, 70_000, 300_000]),
    })),
    clear: () => void (isClear = true),
    get isClear() {
      return isClear;
    },
  };
}

/** A local file says what it did: there a commit can be refused, but no outcome is unknown. */
function ratesOf(chance: Chance, remote: boolean): FaultRates["rates"] {
  const rate = () => chance.pick([0, 0.02, 0.04, 0.12]);
  if (!remote) return { conflict: rate(), slow: rate() };
  return {
    slow: rate(),
    conflict: rate(),
    replyLost: rate(),
    throwBefore: rate(),
    throwAfter: rate(),
    hang: rate(),
  };
}

function outageOf(chance: Chance, remote: boolean) {
  const from = chance.between(0, 5_000);
  const until = from + chance.pick([100, 700, 3_000, 8_000]);
  const fault = chance.pick<Fault>([
    { kind: "throwBefore" },
    { kind: "throwAfter" },
    { kind: "hang" },
  ]);
  return remote && chance.happens(0.35) ? { from, until, fault } : null;
}

function times<T>(count: number, make: () => T): T[] {
  return Array.from({ length: count }, make);
}
