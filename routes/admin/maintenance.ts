import { Hono } from "hono";
import { runCleanup } from "../../src/admin/maintenance.ts";
import { runSealing } from "../../src/admin/sealing.ts";
import type { Deps } from "../../src/deps/deps.ts";
import type { AppEnv } from "../http/context.ts";
import { answered } from "./http.ts";

/** What cron does by itself, done now. */
export function maintenanceRoutes(deps: Deps): Hono<AppEnv> {
  return new Hono<AppEnv>()
    .post("/maintenance/cleanup", answered(deps, runCleanup))
    .post("/maintenance/seal", answered(deps, runSealing));
}
