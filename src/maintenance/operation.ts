import { isPresent } from "../../stores/engine/collection.ts";
import { assertHeld, giveBack, type Lease, LeaseLost, take } from "../../stores/engine/leases.ts";
import { Interrupted } from "../../stores/engine/pacer.ts";
import { systemOrigin, type Transaction } from "../../stores/engine/transaction.ts";
import * as operations from "../../stores/maintenance_operations.ts";
import type { MaintenanceOperation, OperationKind } from "../../stores/maintenance_operations.ts";
import type { Deps } from "../deps/deps.ts";

/** Named counts that show how far an operation has come. */
export type Progress = Readonly<Record<string, number>>;

/** A kind of long work. Only one process at a time does it. */
export interface Job {
  readonly kind: OperationKind;
  /** `lifetime` in seconds: after this time without a commit, another process takes over. */
  readonly lease: { readonly name: string; readonly lifetime: number };
  /**
   * Does the work in slices; each commit checks the lease.
   * @param tell records the progress
   * @throws {OperationFailed} for a reason that the operator can fix
   */
  run(
    deps: Deps,
    lease: Lease,
    tell: (progress: Progress) => Promise<void>,
  ): Promise<Readonly<Record<string, unknown>>>;
}

/** The reason why an operation failed, in a sentence that says what to do. */
export class OperationFailed extends Error {
  override readonly name = "OperationFailed";
}

/** Adds the start of an operation to the step. @returns false if another one is running */
export async function beginOperation(
  tx: Transaction,
  { kind, lease }: Job,
  id: string,
  startedBy: string,
): Promise<boolean> {
  if (await take(tx, { ...lease, holder: id }) === null) return false;
  operations.add(tx, id, { kind, lease: lease.name, startedBy });
  return true;
}

/** Milliseconds between two progress updates. */
const betweenNotes = 1000;

/** Runs a started operation, and records its result. It does not throw. */
export async function runOperation(deps: Deps, job: Job, id: string): Promise<void> {
  const lease = { ...job.lease, holder: id };
  let notedAt = deps.clock.milliseconds();
  const tell = async (progress: Progress) => {
    const now = deps.clock.milliseconds();
    if (now - notedAt < betweenNotes) return;
    notedAt = now;
    await deps.kv.step(systemOrigin, async (tx) => {
      await assertHeld(tx, lease);
      await change(tx, id, { progress: { ...progress } });
    });
  };
  try {
    const result = await job.run(deps, lease, tell);
    await end(deps, lease, { state: "done", result: { ...result } });
  } catch (error) {
    if (error instanceof LeaseLost) {
      return deps.logger.warn(`a ${job.kind} was taken over`, { operation: id, error });
    }
    await endUnfinished(deps, job, lease, error);
  }
}

async function endUnfinished(deps: Deps, { kind }: Job, lease: Lease, error: unknown) {
  const operation = lease.holder;
  const interrupted = error instanceof Interrupted;
  if (interrupted) {
    deps.logger.info(`a ${kind} was interrupted: the process is stopping`, { operation });
  } else deps.logger.error(`a ${kind} failed`, { operation, error });
  const problem = error instanceof OperationFailed
    ? error.message
    : `the server's log has the reason, in a line about operation ${operation}`;
  try {
    await end(
      deps,
      lease,
      interrupted ? { state: "interrupted" } : { state: "failed", problem },
    );
  } catch (error) {
    // The lease expires, which shows that the operation was interrupted.
    deps.logger.warn(`the end of a ${kind} could not be recorded`, { operation, error });
  }
}

/** Records the end, in the commit that returns the lease. */
async function end(deps: Deps, lease: Lease, ending: Partial<MaintenanceOperation>) {
  await deps.kv.step(systemOrigin, async (tx) => {
    await giveBack(tx, lease);
    await change(tx, lease.holder, ending);
  });
}

async function change(tx: Transaction, id: string, noted: Partial<MaintenanceOperation>) {
  const { operation } = await tx.read({ operation: operations.ref(id) });
  if (isPresent(operation)) operations.update(tx, operation, noted);
}
