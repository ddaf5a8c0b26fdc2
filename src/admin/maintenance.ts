import * as auditEvents from "../../stores/audit_events.ts";
import type { Deps } from "../deps/deps.ts";
import { cleanupJob, sealJob, verifyJob } from "../maintenance/jobs.ts";
import type { AdminRequest, Answer } from "./admin_request.ts";
import { startOperation } from "./operations.ts";

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

/** Verifies the audit trail. */
export function verifyAuditTrail(deps: Deps, request: AdminRequest): Promise<Answer> {
  return startOperation(deps, request, verifyJob);
}
