import { randomId, type RandomSource } from "../src/crypto/random.ts";
import type { Clock, Timers } from "../stores/engine/kv.ts";
import type { Lease } from "../stores/engine/leases.ts";
import type { GiveWay } from "../stores/engine/pacer.ts";
import * as history from "../stores/migrations.ts";
import type { Kv } from "../stores/engine/step.ts";
import type { ListedMigration } from "./migration.ts";
import { type MigrationStatus, migrationStatus, type ReadSource } from "./status.ts";

export interface MigrationRunner {
  readonly kv: Kv;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: RandomSource;
  readonly migrations: readonly ListedMigration[];
  readonly readSource: ReadSource;
  readonly log: (message: string) => void;
  /** Leaves migrations to be run later that may run while the server serves. Default: runs all. */
  readonly beforeServing?: boolean;
  /** Called between the slices of the work. @throws {Interrupted} if the process is to stop */
  readonly giveWay?: GiveWay;
}

/** This release must not use this store; the message names the migration and says what to do. */
export class MigrationRefused extends Error {
  override readonly name = "MigrationRefused";
}

/** Seconds without a commit after which another process takes over the migrations. */
const leaseLifetime = 60;

/** After this many lost leases the migration is at fault, not the machine. */
const mostLosses = 3;

/**
 * Brings the store to the form that this release expects. One of several processes runs the migrations,
 * and the others wait until it is done. If nothing is pending, it costs one list and loads little code.
 * @returns the names of the migrations that this process ran
 * @throws {MigrationRefused} if an applied file was changed or is missing, or if a later release migrated
 *   the store
 * @throws {MigrationFailed} with the error of a migration
 * @throws {Interrupted}
 */
export async function runMigrations(runner: MigrationRunner): Promise<string[]> {
  const { kv, random, log } = runner;
  const ran: string[] = [];
  for (let losses = 0;;) {
    const statuses = await allowedStatus(runner);
    if ((await dueIn(runner, statuses)).length === 0) {
      warnOfNewer(statuses, log);
      return ran;
    }
    const { acquire, release } = await import("../stores/engine/leases.ts");
    const lease = await acquire(
      kv,
      { name: "migrations", holder: randomId(random), lifetime: leaseLifetime },
      {
        timers: waiting(runner),
        onWait: () => log("another process runs the migrations: waiting for it"),
      },
    );
    const outcome = await runDue(runner, lease, ran).then(() => null, (error) => ({ error }));
    // If the lease cannot be returned now, it expires. The migration's failure is the more important
    // error.
    const held = await release(kv, lease).catch(() => true);
    if (outcome === null) continue;
    // Without the lease, the error came from a conflict with another process, not from a fault.
    if (held || ++losses === mostLosses) throw outcome.error;
    log("this process was away for too long and lost the migrations to others: looking again");
  }
}

async function runDue(runner: MigrationRunner, lease: Lease, ran: string[]) {
  const { applyMigration } = await import("./apply.ts");
  // Read the status again: the process that had the lease before may have applied some.
  for (const { listed, checksum } of await dueIn(runner, await allowedStatus(runner))) {
    await applyMigration(runner, lease, listed, checksum);
    ran.push(listed.name);
  }
}

/**
 * The migrations to run now, in their order. One that may run while the server serves is run before only
 * if a later one may not.
 */
async function dueIn(
  { beforeServing = false }: MigrationRunner,
  statuses: readonly MigrationStatus[],
): Promise<DueMigration[]> {
  const due = statuses.filter(isDue);
  if (!beforeServing) return due;
  const canWait = await Promise.all(due.map(async ({ listed }) => {
    const { migration } = await listed.load();
    return migration.whileServing === true;
  }));
  return due.slice(0, canWait.lastIndexOf(false) + 1);
}

/** A server that serves already need not notice at once that another process has ended its work. */
function waiting({ timers, giveWay }: MigrationRunner): Timers {
  if (giveWay === undefined) return timers;
  return {
    async sleep(milliseconds) {
      await giveWay();
      await timers.sleep(Math.max(milliseconds, 5000));
    },
  };
}

/** @throws {MigrationRefused} */
async function allowedStatus(runner: MigrationRunner): Promise<MigrationStatus[]> {
  const { kv, migrations, readSource } = runner;
  const statuses = await migrationStatus(migrations, await history.history(kv), readSource);
  const problems = statuses.map(({ problem }) => problem).filter((problem) => problem !== null);
  if (problems.length > 0) throw new MigrationRefused(problems.join("; "));
  return statuses;
}

type DueMigration = MigrationStatus & {
  readonly listed: ListedMigration;
  readonly checksum: string;
};

function isDue(status: MigrationStatus): status is DueMigration {
  return status.state === "pending" || status.state === "interrupted";
}

function warnOfNewer(statuses: readonly MigrationStatus[], log: (message: string) => void) {
  const names = statuses.filter(({ state }) => state === "newer").map(({ name }) => name);
  if (names.length === 0) return;
  log(`a later release has run ${names.join(", ")} here; this release works on, as they allow`);
}
