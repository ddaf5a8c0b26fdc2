import * as providers from "../../stores/provider.ts";
import { systemOrigin } from "../../stores/engine/transaction.ts";
import type { Deps } from "../../src/deps/deps.ts";
import { type Endpoints, endpoints } from "../endpoint.ts";

/**
 * For whoever watches the process: does it run, and can it do its work? Nothing is counted, so that
 * frequent checks are not refused and taken for an outage.
 */
export function healthRoutes(deps: Deps): Endpoints {
  return endpoints({ kind: "client", counted: "nothing" })
    .get("/healthz", (c) => c.json({ status: "ok" }))
    .get("/readyz", async (c) => {
      // Still served, so that a balancer hears in time to send what comes next to another process.
      if (deps.stopping.aborted) return c.json({ status: "stopping" }, 503);
      try {
        const { provider } = await deps.kv.step(
          systemOrigin,
          (tx) => tx.read({ provider: providers.ref() }),
        );
        if (provider.value === null) throw new Error("the store has no provider record");
        await deps.signer.load(provider.value);
        return c.json({ status: "ready" });
      } catch (error) {
        deps.logger.warn("not ready", { error });
        return c.json({ status: "unavailable" }, 503, { "Retry-After": "1" });
      }
    });
}
