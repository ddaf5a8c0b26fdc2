import * as sqlite from "node:sqlite";
import { unfinishedName } from "./unfinished_name.ts";

/** This version of Deno cannot copy a database that is in use. */
export class CannotCopy extends Error {
  override readonly name = "CannotCopy";
}

/**
 * Copies a SQLite database while others write to it: exactly what was committed when the copy began.
 * Writers do not wait for it. (`.backup` in SQLite's shell starts again at each commit of another
 * process, so on a busy server it never ends.) The copy is made under a temporary name, checked, and then
 * renamed, so that an incomplete copy is never taken for a backup.
 * @param to a path where nothing exists yet; only the owner may read the file
 * @throws {Deno.errors.AlreadyExists} if something exists there
 * @throws {CannotCopy} if this version of Deno has no SQLite backup
 * @throws SQLite's errors, for example for a damaged page
 */
export async function copySqlite(from: string, to: string): Promise<{ readonly bytes: number }> {
  if (isThere(to)) throw new Deno.errors.AlreadyExists(`${to} is there already`);
  const unfinished = unfinishedName(to);
  Deno.openSync(unfinished, { write: true, createNew: true, mode: 0o600 }).close();
  try {
    await copyInto(from, unfinished);
    assertWhole(unfinished);
    const file = Deno.openSync(unfinished, { read: true, write: true });
    file.syncDataSync();
    const { size: bytes } = file.statSync();
    file.close();
    name(unfinished, to);
    return { bytes };
  } finally {
    for (const rest of ["", "-journal", "-wal", "-shm"]) removeIfThere(unfinished + rest);
  }
}

/** The faults of a database, in SQLite's words; empty: none. It reads the whole file. */
export function sqliteProblems(path: string): string[] {
  const database = new sqlite.DatabaseSync(path, { readOnly: true });
  try {
    const rows = database.prepare("PRAGMA quick_check(10)").all();
    return rows.map(({ quick_check: found }) => String(found)).filter((found) => found !== "ok");
  } catch (error) {
    return [error instanceof Error ? error.message : "it cannot be read"];
  } finally {
    database.close();
  }
}

async function copyInto(from: string, to: string) {
  const database = new sqlite.DatabaseSync(from, { readOnly: true });
  try {
    database.exec(`VACUUM INTO '${to.replaceAll("'", "''")}'`);
  } catch (error) {
    // VACUUM attaches its copy. Deno allows that only to a process that may read and write everywhere.
    if (!(error instanceof Error && error.message.includes("attached databases"))) throw error;
    if (!("backup" in sqlite)) throw new CannotCopy("copying needs Deno 2.9.6 or later");
    // Copy all pages at once, in one transaction: then no other commit makes the copy start again.
    await sqlite.backup(database, to, { rate: -1 });
  } finally {
    database.close();
  }
}

/** A link never replaces a file, but a rename does. Not every file system supports links. */
function name(unfinished: string, to: string) {
  try {
    Deno.linkSync(unfinished, to);
  } catch (error) {
    if (error instanceof Deno.errors.AlreadyExists || isThere(to)) throw error;
    Deno.renameSync(unfinished, to);
  }
}

function isThere(path: string): boolean {
  try {
    Deno.lstatSync(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** A database copied page by page keeps its journal mode, and so has side files. */
function assertWhole(path: string) {
  const database = new sqlite.DatabaseSync(path);
  try {
    database.exec("PRAGMA journal_mode = DELETE");
  } finally {
    database.close();
  }
  const problems = sqliteProblems(path);
  if (problems.length > 0) throw new Error(`the database is damaged: ${problems[0]}`);
}

function removeIfThere(path: string) {
  try {
    Deno.removeSync(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
