import type { Deps } from "../../src/deps/deps.ts";
import { json, type PlainEndpoint, plainEndpoint } from "../plain_endpoint.ts";

const facts = { kind: "client", methods: ["GET"], counted: "nothing" } as const;

/**
 * For monitoring: does the process run, and can it do its work? These requests are not counted, so that
 * frequent checks are not refused and mistaken for an outage.
 */
export function healthRoutes(deps: Deps): PlainEndpoint[] {
  return [
    plainEndpoint(
      { path: "/healthz", ...facts },
      () => Promise.resolve(json({ status: "ok" })),
    ),
    plainEndpoint({ path: "/readyz", ...facts }, async () => {
      const unready = await deps.health.check();
      if (unready === null) return json({ status: "ready" });
      return json({ status: "unavailable", reason: unready }, 503, { "Retry-After": "1" });
    }),
  ];
}
