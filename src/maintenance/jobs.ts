import { auditTrail } from "../audit/trail.ts";
import { headOf, sealingLease, sealUnder } from "../audit/seal.ts";
import { verifyTrail } from "../audit/verify.ts";
import { auditEventKinds } from "../../stores/audit_event_types.ts";
import { pacer } from "../../stores/engine/pacer.ts";
import { retentionOf } from "../config/config.ts";
import { cleanupLease, cleanUpUnder } from "./cleanup.ts";
import type { Job } from "./operation.ts";

/** Removes expired records now. */
export const cleanupJob: Job = {
  kind: "cleanup",
  lease: cleanupLease,
  run: async (deps, lease, tell) => ({ removed: await cleanUpUnder(deps, lease, tell) }),
};

/** Seals the audit events up to now. Its `seal` is null if there was nothing new. */
export const sealJob: Job = {
  kind: "seal",
  lease: sealingLease,
  async run(deps, lease, tell) {
    const seal = await sealUnder(deps, lease, (events) => tell({ events }));
    if (seal === null) return { seal };
    const { sequence, count, createdAt, jws } = seal;
    const head = await headOf(seal);
    return { seal: { sequence, count, created_at: createdAt, head, jws } };
  },
};

/**
 * Verifies all events against their seals, and reports which were changed, removed or inserted.
 * @param head of an earlier seal, or its root; null: not known
 */
export const verifyJob = (head: string | null): Job => ({
  kind: "verify",
  lease: { name: "verifying", lifetime: 60 },
  async run(deps, _lease, tell) {
    const shortest = Math.min(
      ...auditEventKinds.map((kind) => retentionOf(deps.config.lifetimes, kind)),
    );
    const found = await verifyTrail(auditTrail(deps), {
      ...(head === null ? {} : { head }),
      keptSince: deps.clock.milliseconds() - shortest * 1000,
      giveWay: pacer(deps),
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
