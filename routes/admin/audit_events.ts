import { listAuditEvents } from "../../src/admin/audit_events.ts";
import { exportAuditTrail } from "../../src/admin/audit_trail.ts";
import { verifyAuditTrail } from "../../src/admin/maintenance.ts";
import type { Deps } from "../../src/deps/deps.ts";
import type { Endpoints } from "../endpoint.ts";
import { answered, apiEndpoints, readRequest } from "./http.ts";

/** What happened, and whose doing it was. */
export function auditEventRoutes(deps: Deps): Endpoints {
  return apiEndpoints()
    .get("/audit-events", answered(deps, listAuditEvents))
    // It begins an operation, as the POST at /maintenance/verify does.
    .get("/audit-events/verify", answered(deps, verifyAuditTrail), { isSafe: false })
    .get("/audit-events/export", async (c) => {
      const lines = await exportAuditTrail(deps, await readRequest(c, deps));
      return c.body(lines, 200, { "Content-Type": "application/x-ndjson" });
    });
}
