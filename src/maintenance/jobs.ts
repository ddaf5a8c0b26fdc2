import { auditTrail } from "../audit/trail.ts";
import { headOf, sealingLease, sealUnder } from "../audit/seal.ts";
import { storedAmong } from "../audit/events_in_order.ts";
import { type VerifyOptions, verifyTrail } from "../audit/verify.ts";
import type { Deps } from "../deps/deps.ts";
import { auditEventKinds } from "../../stores/audit_event_types.ts";
import { type Pace, pacer } from "../../stores/engine/pacer.ts";
import { retentionOf } from "../config/config.ts";
import { cleanupLease, cleanUpUnder } from "./cleanup.ts";
import type { Job } from "./operation.ts";

/** Removes expired records now. */
export const cleanupJob: Job = {
  kind: "cleanup",
  lease: cleanupLease,
  run: async (deps, lease, tell) => ({ removed: await cleanUpUnder(deps, lease, tell) }),
};

/** Seals the audit events up to now. Its `seal` is the newest one; null if there was nothing new. */
export const sealJob: Job = {
  kind: "seal",
  lease: sealingLease,
  async run(deps, lease, tell) {
    const report = await sealUnder(deps, lease, { tell: (events) => tell({ events }) });
    const { newest: seal, seals, events } = report;
    if (seal === null) return { seal };
    const { sequence, count, createdAt, jws } = seal;
    const head = await headOf(seal);
    return { seal: { sequence, count, created_at: createdAt, head, jws }, seals, events };
  },
};

/**
 * Verifying is nearly all work of this process, and nobody waits for it: it takes a quarter of the time, so
 * that a small machine has a processor for requests, and a tenth if the process is busy.
 */
export const paceOfVerifying: Pace = { rest: 3, most: 9 };

export interface VerifyRequest {
  /** Of an earlier seal, or its root; null: not known. */
  readonly head: string | null;
  /**
   * For how many days events were kept before a retention was made longer; null: for as long as now. The
   * store has that number too, but whoever removes events from it could also change the number.
   */
  readonly keptDays: number | null;
}

/** Verifies all events against their seals, and reports which were changed, removed or inserted. */
export const verifyJob = ({ head, keptDays }: VerifyRequest): Job => ({
  kind: "verify",
  lease: { name: "verifying", lifetime: 60 },
  async run(deps, _lease, tell) {
    const found = await verifyTrail(() => auditTrail(deps), {
      ...(head === null ? {} : { head }),
      ...keptSince(deps, keptDays),
      storedAmong: (leaves) => storedAmong(deps, leaves),
      giveWay: pacer(deps, paceOfVerifying),
      tell: (lines) => tell({ lines }),
    });
    return {
      state: found.state,
      verified: found.state === "nothing_sealed" ? null : found.state === "intact",
      head: found.head,
      seals: found.seals,
      sealed_events: found.sealedEvents,
      unsealed_events: found.unsealedEvents,
      expired_events: found.expiredEvents,
      problems: found.problems.slice(0, 100),
    };
  },
});

/** Leaves of earlier releases do not name their kind: their events may be as old as the shortest allows. */
function keptSince(
  { clock, config }: Deps,
  keptDays: number | null,
): Pick<VerifyOptions, "keptSince" | "keptSinceOfKind"> {
  const most = keptDays === null ? Infinity : keptDays * 86_400;
  const since = auditEventKinds.map((kind) => {
    const seconds = Math.min(most, retentionOf(config.lifetimes, kind));
    return [kind, clock.milliseconds() - seconds * 1000] as const;
  });
  return {
    keptSince: Math.max(...since.map(([, time]) => time)),
    keptSinceOfKind: Object.fromEntries(since),
  };
}
