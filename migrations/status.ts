import type { MigrationRecord } from "../stores/migrations.ts";
import type { ListedMigration } from "./migration.ts";

/**
 * `interrupted`: started, not done; it continues from its cursor.
 * `changed`: applied, but the file was changed since.
 * `missing`: started or applied, but not in this release, and not from a later release.
 * `newer`: from a later release, from which this one was rolled back or which runs at the same time.
 */
export type MigrationState =
  | "pending"
  | "interrupted"
  | "applied"
  | "changed"
  | "missing"
  | "newer";

/** A migration, as this release and the store's history describe it. */
export interface MigrationStatus {
  readonly name: string;
  readonly state: MigrationState;
  /** Null: this release does not have it. */
  readonly listed: ListedMigration | null;
  /** The checksum of the current file; null: this release does not have it. */
  readonly checksum: string | null;
  readonly record: MigrationRecord | null;
  /** The reason why this release must not use the store, in a sentence; null: it may. */
  readonly problem: string | null;
}

/** Reads a migration's file as bytes: `Deno.readFile` where files exist. */
export type ReadSource = (source: URL) => Promise<Uint8Array>;

/**
 * Compares the migrations of this release with the history of a store.
 *
 * @returns in the order of the names
 * @throws {Error} naming a migration whose file cannot be read
 */
export async function migrationStatus(
  listed: readonly ListedMigration[],
  records: readonly MigrationRecord[],
  readSource: ReadSource,
): Promise<MigrationStatus[]> {
  const known = await Promise.all(listed.map(async (migration) => {
    const record = records.find(({ name }) => name === migration.name) ?? null;
    return statusOfListed(migration, await sourceChecksum(migration, readSource), record);
  }));
  const unknown = records.filter(({ name }) => !listed.some((migration) => migration.name === name))
    .map((record) => statusOfUnlisted(record, listed.length));
  return [...known, ...unknown].sort((a, b) => a.name < b.name ? -1 : 1);
}

function statusOfListed(
  listed: ListedMigration,
  checksum: string,
  record: MigrationRecord | null,
): MigrationStatus {
  const status = { name: listed.name, listed, checksum, record, problem: null };
  if (record === null) return { ...status, state: "pending" };
  // Not a forbidden change: correcting a migration that failed requires changing its file.
  if (record.appliedAt === null) return { ...status, state: "interrupted" };
  if (record.checksum === checksum) return { ...status, state: "applied" };
  return {
    ...status,
    state: "changed",
    problem: `migrations/${listed.name}.ts was changed after it had been applied: put its old \
content back, and make the change a migration of its own`,
  };
}

function statusOfUnlisted(record: MigrationRecord, last: number): MigrationStatus {
  const { name, worksFrom } = record;
  const status = { name, listed: null, checksum: null, record };
  if (Number.parseInt(name) <= last) {
    return {
      ...status,
      state: "missing",
      problem: `migrations/${name}.ts is part of this store's history but not of this release: \
put the file and its line in migrations/index.ts back under their old name`,
    };
  }
  return {
    ...status,
    state: "newer",
    problem: worksFrom <= last ? null : `a later release has changed this store with the migration \
${name}, and no release works on it whose migrations end before number ${worksFrom} (this one's \
end at ${last}): start a later release, or restore a backup from before that migration`,
  };
}

async function sourceChecksum(
  { name, source }: ListedMigration,
  readSource: ReadSource,
): Promise<string> {
  try {
    return await checksumOf(await readSource(source));
  } catch (cause) {
    throw new Error(
      `migrations/${name}.ts cannot be read for its checksum: it must be part of what is deployed, \
and the server be permitted to read it`,
      { cause },
    );
  }
}

/**
 * The SHA-256 of a file in hexadecimal, as `sha256sum` prints it. Line ends count as LF, because a
 * checkout may change them.
 */
async function checksumOf(file: Uint8Array): Promise<string> {
  const text = new TextDecoder().decode(file).replaceAll("\r\n", "\n");
  const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return Array.from(new Uint8Array(hash), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
