import { StoreUnavailable } from "../../stores/engine/store_errors.ts";
import { acquire, LeaseLost } from "../../stores/engine/leases.ts";
import type { Kv } from "../../stores/engine/step.ts";
import { sealingLease, sealUnder } from "../../src/audit/seal.ts";
import { auditTrail } from "../../src/audit/trail.ts";
import { verifyTrail } from "../../src/audit/verify.ts";
import { randomId } from "../../src/crypto/random.ts";
import { cleanUp } from "../../src/maintenance/cleanup.ts";
import type { World } from "./world.ts";

/** Maintenance jobs that run while users are active. Their process may die before they finish. */
export function clean(world: World) {
  const chance = world.chanceOf("caretaker");
  world.scheduler.timers.sleep(chance.between(0, 3000))
    .then(() => cleanUp(world.processAt(0).deps))
    .catch((error) => {
      if (error instanceof StoreUnavailable || error instanceof LeaseLost) return;
      world.findings.push(`the cleanup failed: ${error.stack}`);
    });
}

/**
 * When all is quiet: seals the audit trail in small seals. The process dies again and again, and the next
 * one goes on. Then the trail is verified.
 */
export async function sealAndVerify(world: World) {
  const chance = world.chanceOf("sealer");
  const { deps } = world.processAt(0);
  for (let deaths = 0;; deaths++) {
    // The last life is long enough.
    let steps = deaths < 4 ? chance.between(1, 60) : Infinity;
    const kv: Kv = {
      ...deps.kv,
      step(origin, work) {
        if (steps-- <= 0) return Promise.reject(new Error("the process has died"));
        return deps.kv.step(origin, work);
      },
    };
    const mortal = { ...deps, kv };
    const { timers } = deps;
    // It waits until the lease of the dead one has ended.
    const holder = randomId(deps.random);
    const lease = await acquire(deps.kv, { ...sealingLease, holder }, { timers });
    const done = await sealUnder(mortal, lease, { perSeal: 10 }).then(() => true, () => false);
    if (done) break;
    if (deaths === 4) return void world.findings.push("the audit trail could not be sealed");
  }
  const found = await verifyTrail(() => auditTrail(deps), { keptSince: 0 });
  for (const problem of found.problems) world.findings.push(`the audit trail: ${problem}`);
  if (found.unsealedEvents > 0) {
    world.findings.push(`${found.unsealedEvents} events were not sealed`);
  }
}
