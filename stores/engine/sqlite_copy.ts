import * as sqlite from "node:sqlite";

/** This platform can copy no database that is in use. */
export class CannotCopy extends Error {
  override readonly name = "CannotCopy";
}

/** What a copy is called until it is whole. */
export function unfinishedName(to: string): string {
  return `${to}.unfinished`;
}

/**
 * Copies a SQLite database while others write to it: what was committed when it began, and nothing
 * else. No writer waits for it. (`.backup` in SQLite's shell begins anew at each commit of another
 * process, so on a busy server it never ends.)
 *
 * The copy is made under a name of its own, looked through, and only then given its name, so that half
 * of one is never taken for a backup.
 *
 * @param to where nothing is yet; the file is for its owner alone
 * @throws {Deno.errors.AlreadyExists} if something is there
 * @throws {CannotCopy} on a Deno whose SQLite cannot
 * @throws what SQLite says, such as that a page is damaged
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

/** What is wrong with a database, in SQLite's words; empty: nothing. It reads the whole file. */
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
    // VACUUM attaches its copy, which Deno lets only a process do that may read and write everywhere.
    if (!(error instanceof Error && error.message.includes("attached databases"))) throw error;
    if (!("backup" in sqlite)) throw new CannotCopy("copying needs Deno 2.9.6 or later");
    // All pages at once, within one transaction: nobody's commit makes it begin anew.
    await sqlite.backup(database, to, { rate: -1 });
  } finally {
    database.close();
  }
}

/** A link replaces nothing, unlike a rename; but not every file system has links. */
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

/** A database that is copied page by page keeps its journal mode, and so has files beside it. */
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
