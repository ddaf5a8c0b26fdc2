import {
  runBackup,
  runCleanup,
  runSealing,
  verifyAuditTrail,
} from "../../src/admin/maintenance.ts";
import { readOperation } from "../../src/admin/operations.ts";
import type { Deps } from "../../src/deps/deps.ts";
import type { Endpoints } from "../endpoint.ts";
import { answered, apiEndpoints } from "./http.ts";

/** Long work, done now: what cron does by itself, and the verification of the audit trail. */
export function maintenanceRoutes(deps: Deps): Endpoints {
  return apiEndpoints()
    .post("/maintenance/backup", answered(deps, runBackup))
    .post("/maintenance/cleanup", answered(deps, runCleanup))
    .post("/maintenance/seal", answered(deps, runSealing))
    .post("/maintenance/verify", answered(deps, verifyAuditTrail))
    .get("/maintenance/operations/:id", answered(deps, readOperation));
}
