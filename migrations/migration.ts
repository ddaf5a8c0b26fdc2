import type { Kv } from "../stores/engine/step.ts";
import type { Transaction } from "../stores/engine/transaction.ts";

/** A change of what is stored; see README.md for how to write one. */
export interface Migration {
  /** What it changes and why, in a sentence. */
  readonly description: string;
  /**
   * A release that lists the migration of this number, or a later one, works on the store once this
   * one has run. Its own number: no earlier release does, so there is no way back.
   */
  readonly worksFrom: number;
  /** May be killed at any point and is then run again, with the last remembered cursor. */
  run(context: MigrationContext): Promise<void>;
}

/** All that a migration may touch. */
export interface MigrationContext {
  /**
   * A step of the store, with room for 8 checks of its own, 7 if it remembers a cursor. It is committed
   * only while this process holds the migration lease.
   *
   * @throws {LeaseLost} which must be let through
   */
  step<T>(work: (tx: Transaction) => T | Promise<T>): Promise<T>;
  readonly list: Kv["list"];
  /** What the last commit that called `remember` said; null at the beginning. */
  readonly cursor: string | null;
  /** Notes, in the commit of the step it is called in, how far the migration has got. */
  remember(tx: Transaction, cursor: string): Promise<void>;
  /** A line for the log of the process that runs it. */
  progress(message: string): void;
}

/** A migration of this release. */
export interface ListedMigration {
  readonly name: string;
  readonly number: number;
  /** The file, whose checksum is kept. */
  readonly source: URL;
  load(): Promise<{ readonly migration: Migration }>;
}

/** The shape of a migration's name. Longer ones would break the line of the index. */
export const migrationName = /^(\d{4})_[a-z][a-z0-9]*(_[a-z0-9]+)*$/;

/**
 * The migrations of a release in their order.
 *
 * @param modules a name and an import for each, in the order of the numbers, which leave no gap
 * @param base the folder's `index.ts`, beside which the files are
 */
export function listMigrations(
  modules: Readonly<Record<string, ListedMigration["load"]>>,
  base: string,
): readonly ListedMigration[] {
  return Object.entries(modules).map(([name, load], index) => {
    const number = Number(migrationName.exec(name)?.[1]);
    // A gap or a double would leave the order to chance when two branches meet.
    if (number !== index + 1) {
      throw new Error(`migrations/index.ts: ${name} is not a name for migration ${index + 1}`);
    }
    return { name, number, source: new URL(`./${name}.ts`, base), load };
  });
}
