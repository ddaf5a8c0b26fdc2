import { z } from "zod";
import { collection, type Entry, type Present, type Ref } from "./engine/collection.ts";
import { eachEntry } from "./engine/each_entry.ts";
import type { Kv } from "./engine/step.ts";
import type { Transaction } from "./engine/transaction.ts";

const schema = z.object({
  name: z.string(), // `0001_store_format`
  checksum: z.string(), // SHA-256 of the file as it was run
  worksFrom: z.int(), // a release that lists this number, or a later one, can use the migrated records
  startedAt: z.int(),
  appliedAt: z.int().nullable(), // null: running, or interrupted
  milliseconds: z.int(), // the working time of all its runs
  cursor: z.string().nullable(), // the point that an interrupted run had reached
});
/** The record of a migration that was started on this store. */
export type MigrationRecord = z.infer<typeof schema>;
const migrations = collection({ family: "migrations", version: 1, schema });

/** The place of a migration's record. */
export function ref(name: string): Ref<MigrationRecord> {
  return migrations.ref(name);
}

/** All records, in the order of their numbers. */
export async function history(kv: Kv): Promise<MigrationRecord[]> {
  const entries = await Array.fromAsync(eachEntry({ kv }, migrations));
  return entries.map(({ value }) => value);
}

/** Records that a migration starts from its beginning. */
export function start(
  tx: Transaction,
  found: Entry<MigrationRecord>,
  migration: Pick<MigrationRecord, "name" | "checksum" | "worksFrom">,
): MigrationRecord {
  const record = {
    ...migration,
    startedAt: tx.now,
    appliedAt: null,
    milliseconds: 0,
    cursor: null,
  };
  if (found.value === null) tx.create(found.ref, record);
  else tx.replace(found, record);
  return record;
}

/** Records how far a migration has come, in the commit of that work. */
export function remember(
  tx: Transaction,
  found: Present<MigrationRecord>,
  { cursor, milliseconds }: { cursor: string; milliseconds: number },
) {
  tx.replace(found, { ...found.value, cursor, milliseconds });
}

/** Records that a migration is done. */
export function finish(tx: Transaction, found: Present<MigrationRecord>, milliseconds: number) {
  tx.replace(found, { ...found.value, appliedAt: tx.now, cursor: null, milliseconds });
}
