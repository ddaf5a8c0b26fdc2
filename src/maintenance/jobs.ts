import { auditTrail } from "../audit/trail.ts";
import { sealingLease, sealUnder } from "../audit/seal.ts";
import { verifyTrail } from "../audit/verify.ts";
import { pacer } from "../../stores/engine/pacer.ts";
import { cleanupLease, cleanUpUnder } from "./cleanup.ts";
import type { Job } from "./operation.ts";

/** Removes what has expired, now. */
export const cleanupJob: Job = {
  kind: "cleanup",
  lease: cleanupLease,
  run: async (deps, lease, tell) => ({ removed: await cleanUpUnder(deps, lease, tell) }),
};

/** Seals the audit events of now. Its `seal` is null if there was nothing new. */
export const sealJob: Job = {
  kind: "seal",
  lease: sealingLease,
  async run(deps, lease, tell) {
    const seal = await sealUnder(deps, lease, (events) => tell({ events }));
    if (seal === null) return { seal };
    const { sequence, count, createdAt, jws } = seal;
    return { seal: { sequence, count, created_at: createdAt, jws } };
  },
};

/** Verifies all events against their seals, and tells what was changed, removed or inserted. */
export const verifyJob: Job = {
  kind: "verify",
  lease: { name: "verifying", lifetime: 60 },
  async run(deps, _lease, tell) {
    const found = await verifyTrail(auditTrail(deps), {
      keptSince: deps.clock.milliseconds() - deps.config.lifetimes.auditEvent * 1000,
      giveWay: pacer(deps),
      tell: (lines) => tell({ lines }),
    });
    return {
      verified: found.problems.length === 0,
      seals: found.seals,
      sealed_events: found.sealedEvents,
      unsealed_events: found.unsealedEvents,
      expired_events: found.expiredEvents,
      problems: found.problems.slice(0, 100),
    };
  },
};
