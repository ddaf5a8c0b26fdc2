import type { Clock } from "../stores/engine/kv.ts";
import { assertHeld, type Lease, LeaseLost } from "../stores/engine/leases.ts";
import { type GiveWay, Interrupted } from "../stores/engine/pacer.ts";
import * as history from "../stores/migrations.ts";
import type { Kv } from "../stores/engine/step.ts";
import { systemOrigin, type Transaction } from "../stores/engine/transaction.ts";
import { MigrationFailed } from "./failed.ts";
import type { ListedMigration } from "./migration.ts";

interface Surroundings {
  readonly kv: Kv;
  readonly clock: Clock;
  readonly log: (message: string) => void;
  /** Called between the steps. @throws {Interrupted} if the process is to stop */
  readonly giveWay?: GiveWay;
}

/**
 * Runs one migration from the point it had reached, and keeps its history.
 * @param lease checked in every commit
 * @throws {LeaseLost}
 * @throws {Interrupted}
 * @throws {MigrationFailed}
 */
export async function applyMigration(
  { kv, clock, log, giveWay = () => Promise.resolve() }: Surroundings,
  lease: Lease,
  { name, number, load }: ListedMigration,
  checksum: string,
): Promise<void> {
  const { migration } = await load();
  if (migration.worksFrom < 1 || migration.worksFrom > number) {
    throw new Error(`migrations/${name}.ts: worksFrom is not between 1 and ${number}`);
  }
  const step = async <T>(work: (tx: Transaction) => T | Promise<T>) => {
    await giveWay();
    return await kv.step(systemOrigin, async (tx) => {
      await assertHeld(tx, lease);
      return await work(tx);
    });
  };

  const begun = await step(async (tx) => {
    const { found } = await tx.read({ found: history.ref(name) });
    // A cursor is valid only for the code that set it: a corrected file starts from the beginning.
    if (found.value?.checksum === checksum) return found.value;
    const { worksFrom, worksFromOnSharedStore = worksFrom } = migration;
    return history.start(tx, found, {
      name,
      checksum,
      worksFrom: tx.isLocal ? worksFrom : worksFromOnSharedStore,
    });
  });
  if (begun.appliedAt !== null) return;

  const runsSince = clock.milliseconds();
  const milliseconds = () => begun.milliseconds + clock.milliseconds() - runsSince;
  const goesOn = begun.cursor === null ? "" : " (goes on where it was interrupted)";
  log(`migration ${name}: ${migration.description}${goesOn}`);
  try {
    await migration.run({
      step,
      list: kv.list,
      cursor: begun.cursor,
      remember: async (tx, cursor) =>
        history.remember(tx, await readBegun(tx, name), { cursor, milliseconds: milliseconds() }),
      progress: (message) => log(`migration ${name}: ${message}`),
      elapsed: () => clock.milliseconds() - runsSince,
    });
  } catch (cause) {
    if (cause instanceof LeaseLost || cause instanceof Interrupted) throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new MigrationFailed(`the migration ${name} failed: ${reason}`, { cause });
  }
  await step(async (tx) => history.finish(tx, await readBegun(tx, name), milliseconds()));
  log(`migration ${name}: done in ${milliseconds()} ms`);
}

async function readBegun(tx: Transaction, name: string) {
  const { begun } = await tx.read({ begun: history.ref(name) });
  if (begun.value === null) throw new Error(`the history of ${name} was deleted while it ran`);
  return begun;
}
