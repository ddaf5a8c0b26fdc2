import { Hono } from "hono";
import { listAuditEvents } from "../../src/admin/audit_events.ts";
import type { Deps } from "../../src/deps.ts";
import type { AppEnv } from "../http/context.ts";
import { answered } from "./http.ts";

/** What happened, and whose doing it was. */
export function auditEventRoutes(deps: Deps): Hono<AppEnv> {
  return new Hono<AppEnv>().get("/audit-events", answered(deps, listAuditEvents));
}
