import * as sqlite from "node:sqlite";

/** What the records of one family take. */
export interface FamilySize {
  readonly family: string;
  records: number;
  /** Keys and values, without the store's own overhead. */
  bytes: number;
}

export interface FileSize {
  readonly families: readonly FamilySize[];
  /** Of the file, without its write-ahead log. */
  readonly bytes: number;
  /** Free pages in the file, which are used again before it grows. */
  readonly freeBytes: number;
}

/** Rows in one read: a longer one would keep the server from shrinking its write-ahead log. */
const perRead = 5000;

/**
 * Counts the records of a local file, and their bytes. It reads the file beside the server that writes to
 * it, a slice at a time, so a record that moves meanwhile may be counted twice or not at all.
 */
export function sizesOfFile(path: string): FileSize {
  const database = new sqlite.DatabaseSync(path, { readOnly: true });
  try {
    const families = new Map<string, FamilySize>();
    const slice = database.prepare(
      "SELECT k, length(k) + length(v) AS size FROM kv WHERE k > ? ORDER BY k LIMIT ?",
    );
    for (let after: Uint8Array = new Uint8Array(), more = true; more;) {
      const rows = slice.all(after, perRead);
      more = rows.length === perRead;
      for (const { k, size } of rows) {
        if (!(k instanceof Uint8Array)) continue;
        after = k;
        count(families, familyIn(k), Number(size));
      }
    }
    const pragma = (name: string) => Number(database.prepare(`PRAGMA ${name}`).get()?.[name]);
    const page = pragma("page_size");
    return {
      families: sorted(families),
      bytes: pragma("page_count") * page,
      freeBytes: pragma("freelist_count") * page,
    };
  } finally {
    database.close();
  }
}

/** Counts one record. */
export function count(families: Map<string, FamilySize>, family: string, bytes: number) {
  const known = families.get(family) ?? { family, records: 0, bytes: 0 };
  known.records++;
  known.bytes += bytes;
  families.set(family, known);
}

/** The largest family first. */
export function sorted(families: ReadonlyMap<string, FamilySize>): FamilySize[] {
  return [...families.values()].sort((one, other) => other.bytes - one.bytes);
}

/** The first part of a key. KV encodes a text as a byte 2, its UTF-8, and a byte 0. */
function familyIn(key: Uint8Array): string {
  const end = key.indexOf(0);
  return new TextDecoder().decode(key.subarray(1, end < 0 ? key.length : end));
}
