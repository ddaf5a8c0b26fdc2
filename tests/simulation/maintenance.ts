import { StoreUnavailable } from "../../stores/engine/kv.ts";
import { LeaseLost } from "../../stores/engine/leases.ts";
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
