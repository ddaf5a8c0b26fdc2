import { z } from "zod";
import { newBackup, noteBackup, noteCleanup } from "../../src/admin/operations.ts";
import type { Deps } from "../../src/deps/deps.ts";
import { cleanupJob, sealJob, verifyJob } from "../../src/maintenance/jobs.ts";
import type { Endpoints } from "../endpoint.ts";
import { answered, answeredByQuery, apiEndpoints, type Endpoint } from "./http/endpoints.ts";
import { runJob, showOperation } from "./operations.ts";

/** Long work at once: what cron does by itself, backups, and the verification of the audit trail. */
export function maintenanceRoutes(deps: Deps): Endpoints {
  return apiEndpoints()
    .post("/maintenance/backup", answered(deps, runBackup))
    .post("/maintenance/cleanup", answered(deps, runCleanup))
    .post("/maintenance/seal", answered(deps, runSealing))
    .post("/maintenance/verify", answeredByQuery(deps, verifyQuery, verifyTrail))
    .get("/maintenance/operations/:id", answered(deps, showOperation));
}

const runBackup: Endpoint = async (deps, request) => {
  // Only an administrator may learn whether there is a folder for backups.
  if (deps.kv.file === null || deps.config.backupFolder === null) {
    await request.step(() => {});
  }
  const { job, name } = newBackup(deps);
  return await runJob(deps, request, job, (tx) => noteBackup(tx, name));
};

const runCleanup: Endpoint = (deps, request) => runJob(deps, request, cleanupJob, noteCleanup);

/**
 * Seals the audit events now, for example before an export. It takes about fifteen seconds: the seal must
 * include the steps that were running when the request came.
 */
const runSealing: Endpoint = (deps, request) => runJob(deps, request, sealJob);

export const verifyQuery = z.strictObject({
  head: z.string().regex(/^[A-Za-z0-9_-]{43}$/, "must be the head or the root of a seal")
    .optional(),
  kept_days: z.string().regex(/^(0|[1-9][0-9]{0,3})$/, "must be a whole number of days").transform(
    Number,
  ).optional(),
});

/** Verifies the audit trail, and that it still contains a head that was noted before. */
export const verifyTrail: Endpoint<z.infer<typeof verifyQuery>> = async (deps, request) => {
  const { head = null, kept_days = null } = await request.step((_tx, { query }) => query);
  return await runJob(deps, request, verifyJob({ head, keptDays: kept_days }));
};
