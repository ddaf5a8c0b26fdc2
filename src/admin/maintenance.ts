import { z } from "zod";
import * as auditEvents from "../../stores/audit_events.ts";
import type { Deps } from "../deps/deps.ts";
import { backupJob, backupName } from "../maintenance/backup.ts";
import { cleanupJob, sealJob, verifyJob } from "../maintenance/jobs.ts";
import type { AdminRequest, Answer } from "./admin_request.ts";
import { asAdministrator } from "./administrator.ts";
import { startOperation } from "./operations.ts";
import { parseQuery } from "./paging.ts";
import { Problem } from "./problem.ts";

/**
 * Copies the store into the folder for backups, under a name that is ours: who calls the API chooses no
 * path.
 *
 * @throws {Problem} 409 where there is no such folder, or the store is not a file of this process
 */
export async function runBackup(deps: Deps, request: AdminRequest): Promise<Answer> {
  const { backupFolder, kv } = deps.config;
  const name = backupName(deps);
  if (deps.kv.file !== null && backupFolder !== null) {
    return await startOperation(
      deps,
      request,
      backupJob(deps.kv.file, backupFolder, name),
      (tx) => {
        auditEvents.append(tx, { type: "backup_requested", about: name });
      },
    );
  }
  await asAdministrator(deps, request, () => {});
  if (deps.kv.file !== null) {
    throw new Problem("conflict", "set LATCHKEY_BACKUP_FOLDER to the folder for backups");
  }
  throw new Problem(
    "conflict",
    kv.kind === "memory"
      ? "a store in memory cannot be backed up"
      : "back up the KV Connect server: on its machine, with its file as LATCHKEY_KV, run: deno task \
backup FILE",
  );
}

/** Cleans up now, and tells what was removed. */
export function runCleanup(deps: Deps, request: AdminRequest): Promise<Answer> {
  return startOperation(deps, request, cleanupJob, (tx) => {
    auditEvents.append(tx, { type: "cleanup_run" });
  });
}

/**
 * Seals the audit events now, such as before an export. It takes some fifteen seconds: what was under
 * way when it was asked for is to be in the seal.
 */
export function runSealing(deps: Deps, request: AdminRequest): Promise<Answer> {
  return startOperation(deps, request, sealJob);
}

const verifyQuery = z.strictObject({
  head: z.string().regex(/^[A-Za-z0-9_-]{43}$/, "must be the head or the root of a seal")
    .optional(),
});

/** Verifies the audit trail, and whether a head that was noted before is still in it. */
export async function verifyAuditTrail(deps: Deps, request: AdminRequest): Promise<Answer> {
  const { head = null } = parseQuery(verifyQuery, request);
  return await startOperation(deps, request, verifyJob(head));
}
