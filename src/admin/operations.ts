import { isPresent, type Present } from "../../stores/engine/collection.ts";
import { holderOf } from "../../stores/engine/leases.ts";
import type { Transaction } from "../../stores/engine/transaction.ts";
import * as operations from "../../stores/maintenance_operations.ts";
import type { MaintenanceOperation } from "../../stores/maintenance_operations.ts";
import * as auditEvents from "../../stores/audit_events.ts";
import type { Deps } from "../deps/deps.ts";
import { backupJob, backupName } from "../maintenance/backup.ts";
import { beginOperation, type Job } from "../maintenance/operation.ts";
import { Conflict, NotFound } from "./errors.ts";

/** Another operation of this kind is running. */
export class OperationRunning extends Error {
  override readonly name = "OperationRunning";

  /** @param operationId null: it is not known */
  constructor(kind: string, readonly operationId: string | null) {
    super(`a ${kind} is running`);
  }
}

/**
 * Adds the start of an operation to the step. Run it after the commit.
 *
 * @throws {OperationRunning}
 */
export async function startOperation(
  tx: Transaction,
  job: Job,
  id: string,
  startedBy: string,
): Promise<void> {
  if (await beginOperation(tx, job, id, startedBy)) return;
  const holder = await holderOf(tx, job.lease.name);
  const { running } = await tx.read({ running: operations.ref(holder ?? "") });
  throw new OperationRunning(job.kind, isPresent(running) ? operations.idOf(running) : null);
}

/**
 * Reads an operation. Its state is `interrupted` if its process ended without recording that.
 *
 * @throws {NotFound}
 */
export async function readOperation(
  tx: Transaction,
  id: string,
): Promise<Present<MaintenanceOperation>> {
  if (!/^[\w-]{22}$/.test(id)) throw new NotFound("operation");
  const { operation } = await tx.read({ operation: operations.ref(id) });
  if (!isPresent(operation)) throw new NotFound("operation");
  const { value } = operation;
  if (value.state !== "running" || await holderOf(tx, value.lease) === id) return operation;
  return { ...operation, value: { ...value, state: "interrupted" } };
}

/**
 * The job that copies the store into the folder for backups. The server chooses the file's name: a caller
 * of the API cannot choose a path.
 *
 * @throws {Conflict} if there is no such folder, or the store is not a file of this process
 */
export function newBackup(deps: Deps): { readonly job: Job; readonly name: string } {
  const { backupFolder, kv } = deps.config;
  if (deps.kv.file !== null) {
    if (backupFolder === null) {
      throw new Conflict("set LATCHKEY_BACKUP_FOLDER to the folder for backups");
    }
    const name = backupName(deps);
    return { job: backupJob(deps.kv.file, backupFolder, name), name };
  }
  throw new Conflict(
    kv.kind === "memory"
      ? "a store in memory cannot be backed up"
      : "back up the KV Connect server: on its machine, with its file as LATCHKEY_KV, run: deno task \
backup FILE",
  );
}

/** Adds the audit event of a backup to the step that starts it. */
export function noteBackup(tx: Transaction, name: string): void {
  auditEvents.append(tx, { type: "backup_requested", about: name });
}

/** Adds the audit event of a cleanup to the step that starts it. */
export function noteCleanup(tx: Transaction): void {
  auditEvents.append(tx, { type: "cleanup_run" });
}
