import { StoreUnavailable } from "../../stores/engine/kv.ts";
import { LeaseLost } from "../../stores/engine/leases.ts";
import { cleanUp } from "../../src/maintenance/cleanup.ts";
import type { World } from "./world.ts";

/** What runs by itself while people are about; its process may die before it is done. */
export function clean(world: World) {
  const chance = world.chanceOf("caretaker");
  world.scheduler.timers.sleep(chance.between(0, 3000))
    .then(() => cleanUp(world.processAt(0).deps))
    .catch((error) => {
      if (error instanceof StoreUnavailable || error instanceof LeaseLost) return;
      world.findings.push(`the cleanup failed: ${error.stack}`);
    });
}
