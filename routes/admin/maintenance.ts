import { runCleanup } from "../../src/admin/maintenance.ts";
import { runSealing } from "../../src/admin/sealing.ts";
import type { Deps } from "../../src/deps/deps.ts";
import type { Endpoints } from "../endpoint.ts";
import { answered, apiEndpoints } from "./http.ts";

/** What cron does by itself, done now. */
export function maintenanceRoutes(deps: Deps): Endpoints {
  return apiEndpoints()
    .post("/maintenance/cleanup", answered(deps, runCleanup))
    .post("/maintenance/seal", answered(deps, runSealing));
}
