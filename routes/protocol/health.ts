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
      const unready = await deps.health.check();
      if (unready === null) return c.json({ status: "ready" });
      return c.json({ status: "unavailable", reason: unready }, 503, { "Retry-After": "1" });
    });
}
