import type { Collection, Entry, Present } from "../stores/engine/collection.ts";
import type { Transaction } from "../stores/engine/transaction.ts";
import type { MigrationContext } from "./migration.ts";

export interface EachRecord<T> {
  readonly collection: Collection<T>;
  /** May run twice for one record, like any step, so it must be idempotent. */
  visit(tx: Transaction, entry: Present<T>): void | Promise<void>;
  /** The number of records in one commit. `visit` may read 7 minus this number of other records in all. */
  readonly atOnce?: number;
}

/** Of a step's 9 checks, the lease and the history take one each, and one is left for `visit`. */
const mostAtOnce = 6;

/** Records between two progress lines in the log. */
const progressInterval = 1000;

/**
 * Visits all records of a family, a few in each commit, and continues where an interrupted run stopped.
 * Each record is read in the commit that changes it. Records created meanwhile may be left out, so the
 * code that creates records must write the new form by then.
 */
export async function eachRecord<T>(
  context: MigrationContext,
  { collection, visit, atOnce = mostAtOnce }: EachRecord<T>,
): Promise<void> {
  let cursor = context.cursor;
  let visited = 0;
  let announceAt = progressInterval;
  do {
    const page = await context.list({
      collection,
      limit: Math.min(atOnce, mostAtOnce),
      ...(cursor === null ? {} : { cursor }),
    });
    const refs = page.entries.map((entry) => entry.ref);
    await context.step(async (tx) => {
      const found = await tx.read(Object.fromEntries(refs.map((ref, index) => [index, ref])));
      for (const entry of Object.values(found).filter(isPresent)) await visit(tx, entry);
      if (page.cursor !== null) await context.remember(tx, page.cursor);
    });
    cursor = page.cursor;
    visited += refs.length;
    if (visited >= announceAt) {
      context.progress(`${visited} records in this run${rateOf(visited, context.elapsed())}`);
      announceAt += progressInterval;
    }
  } while (cursor !== null);
  context.progress(`${visited} records in this run, no more to come`);
}

function rateOf(records: number, milliseconds: number): string {
  if (milliseconds <= 0) return "";
  return `, ${Math.round(records / milliseconds * 1000)} a second`;
}

function isPresent<T>(entry: Entry<T>): entry is Present<T> {
  return entry.value !== null;
}
