import { reserveRequest } from "../../src/limits/requests.ts";
import type { RequestKey } from "../../src/limits/request_key.ts";
import { StoreUnavailable } from "../../stores/engine/store_errors.ts";
import * as requestCounts from "../../stores/request_counts.ts";
import { party, unlessLost, type World } from "./world.ts";

/** A request that a limit let pass. */
export interface PassedRequest {
  /** Epoch milliseconds before and after it was counted. */
  readonly sent: number;
  readonly answered: number;
  /** How often the clock had jumped by then: between two jumps time passes as it should. */
  readonly jumps: number;
}

/** Small, so that a flood reaches it, and large enough for leases. */
export const floodLimit = { count: 40, seconds: 20 } as const;

/** Sends far more requests than a limit allows, to all processes, and notes those that pass. */
export async function flood(world: World) {
  const { chance, choose, pause } = party(world, "flood");
  const ref = await requestCounts.ref("flood");
  const key: RequestKey = { counted: "requests", name: "flood", limit: floodLimit, ref };
  const bursts = chance.between(10, 30);
  for (let n = 0; n < bursts; n++) {
    await Promise.all(Array.from({ length: chance.between(1, 8) }, send));
    await pause(chance.pick([10, 300, 2_000]));
  }

  async function send() {
    const { clock } = world.scheduler;
    const [sent, jumps] = [clock.milliseconds(), world.counts.jumps];
    const process = choose();
    const deps = { ...process.deps, config: { ...process.deps.config, rateLimits: true } };
    const passes = await unlessLost(() =>
      process.whileAlive(() => reserveRequest(deps, [key]).catch(unlessUnavailable))
    );
    if (!passes?.passed || jumps !== world.counts.jumps) return;
    world.passedRequests.push({ sent, answered: clock.milliseconds(), jumps });
  }
}

/** Such a request does not pass. */
function unlessUnavailable(error: unknown): null {
  if (error instanceof StoreUnavailable) return null;
  throw error;
}
