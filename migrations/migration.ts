import type { Kv } from "../stores/engine/step.ts";
import type { Transaction } from "../stores/engine/transaction.ts";

/** A change of the stored data; see README.md for how to write one. */
export interface Migration {
  /** What it changes and why, in a sentence. */
  readonly description: string;
  /**
   * The oldest release that can use the store after this migration, given as the number of a migration: a
   * release that lists it, or a later one, can. With the migration's own number no earlier release can,
   * so a rollback is impossible.
   */
  readonly worksFrom: number;
  /** The same on a store that several processes share, if the migration changes only local files. */
  readonly worksFromOnSharedStore?: number;
  /**
   * Whether this release and those from `worksFrom` on work correctly before the migration is done and
   * while it runs, because they read both forms. Then a start does not wait for it: it runs in slices
   * while the server serves. Default: no, and the server does not listen before it is done.
   */
  readonly whileServing?: boolean;
  /** May be interrupted at any point. It then runs again with the last remembered cursor. */
  run(context: MigrationContext): Promise<void>;
}

/** Everything that a migration may use. */
export interface MigrationContext {
  /**
   * A step of the store, with 8 checks for the migration, or 7 if it remembers a cursor. It is committed
   * only while this process holds the migration lease.
   * @throws {LeaseLost} which the migration must not catch
   */
  step<T>(work: (tx: Transaction) => T | Promise<T>): Promise<T>;
  readonly list: Kv["list"];
  /** The cursor of the last commit that called `remember`; null at the beginning. */
  readonly cursor: string | null;
  /** Records, in the same commit as the step, how far the migration has come. */
  remember(tx: Transaction, cursor: string): Promise<void>;
  /** Logs a line of progress. */
  progress(message: string): void;
  /** Milliseconds since this run began. */
  elapsed(): number;
}

/** A migration of this release. */
export interface ListedMigration {
  readonly name: string;
  readonly number: number;
  /** The file, whose checksum is recorded. */
  readonly source: URL;
  load(): Promise<{ readonly migration: Migration }>;
}

/** The pattern of a migration's name. A longer one would break the line of the index. */
export const migrationName = /^(\d{4})_[a-z][a-z0-9]*(_[a-z0-9]+)*$/;

/**
 * The migrations of a release in their order.
 * @param modules a name and an import for each, in the order of the numbers, without gaps
 * @param base the folder's `index.ts`, next to the files
 */
export function listMigrations(
  modules: Readonly<Record<string, ListedMigration["load"]>>,
  base: string,
): readonly ListedMigration[] {
  return Object.entries(modules).map(([name, load], index) => {
    const number = Number(migrationName.exec(name)?.[1]);
    // When two branches are merged, a gap or a duplicate would make the order arbitrary.
    if (number !== index + 1) {
      throw new Error(`migrations/index.ts: ${name} is not a name for migration ${index + 1}`);
    }
    return { name, number, source: new URL(`./${name}.ts`, base), load };
  });
}
