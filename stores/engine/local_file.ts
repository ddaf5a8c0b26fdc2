import { groupCommits } from "./group_commit.ts";
import { denoBackend } from "./deno_backend.ts";
import { fileFault } from "./store_errors.ts";
import type { KvBackend } from "./kv.ts";

/** Only the owner may read or write a new file. SQLite gives its side files the same mode. */
const privately = { create: true, write: true, mode: 0o600 } as const;
/** What SQLite adds to the path for its side files, which are there while somebody uses the file, or was killed. */
const sideFiles = ["-wal", "-shm"];

/** The store cannot be opened; the message says why and what to do. */
export class StoreNotOpened extends Error {
  override readonly name = "StoreNotOpened";
}

/** Another process has the store's file. */
export class StoreInUse extends StoreNotOpened {}

/**
 * Opens a store in a SQLite file, for this process alone. If two processes share a file, a third of their
 * commits throw, so a second process is refused here.
 * @throws {StoreNotOpened}
 */
export async function openLocalFile(path: string): Promise<KvBackend> {
  const lock = await openLock(path);
  if (!(await lockedAtOnce(lock))) {
    lock.close();
    throw new StoreInUse(
      `${path} is in use by another process: stop it, or point LATCHKEY_KV elsewhere`,
    );
  }
  const kv = await openWritable(path).catch((error) => {
    lock.close();
    throw error;
  });
  const backend = groupCommits(denoBackend(kv, { remote: false }));
  const opened = await inodeOf(path);
  return {
    ...backend,
    file: {
      async copy(to, signal) {
        const { copySqliteAside } = await import("./sqlite_thread.ts");
        const { unfinishedName } = await import("./unfinished_name.ts");
        await Deno.mkdir(parentOf(to), { recursive: true, mode: 0o700 });
        try {
          return await copySqliteAside(path, to, signal);
        } finally {
          // Delete the unfinished copy that a stopped thread leaves.
          await Deno.remove(unfinishedName(to)).catch((error) => {
            if (!(error instanceof Deno.errors.NotFound)) throw error;
          });
        }
      },
      async assertCanCopyInto(folder) {
        await Deno.mkdir(folder, { recursive: true, mode: 0o700 });
        // A name of its own: two processes may try the same folder.
        const probe = await Deno.makeTempFile({
          dir: folder,
          prefix: ".latchkey-",
          suffix: ".probe",
        });
        await Deno.remove(probe);
      },
      async problems(signal) {
        const { sqliteProblemsAside } = await import("./sqlite_thread.ts");
        return await sqliteProblemsAside(path, signal);
      },
      // Do not open the file for this: closing it would release the locks of SQLite in this process.
      isInPlace: async () => await inodeOf(path) === opened,
    },
    close() {
      backend.close();
      lock.close(); // closing releases the lock, as the end of the process would
    },
  };
}

/** Opens a store in memory. It is lost when the process ends. */
export async function openMemory(): Promise<KvBackend> {
  return groupCommits(denoBackend(await Deno.openKv(":memory:"), { remote: false }));
}

/** @throws {StoreNotOpened} names the file or folder that is at fault */
async function openWritable(path: string): Promise<Deno.Kv> {
  // Deno opens a read-only file without an error, and then each step would fail.
  (await writable(path, Deno.open(path, privately))).close();
  for (const suffix of sideFiles) {
    const side = path + suffix;
    // Root may have copied them, or given away the file alone. With such a one, Deno panics.
    const opened = Deno.open(side, { write: true }).catch((error) => {
      if (error instanceof Deno.errors.NotFound) return null;
      throw error;
    });
    (await writable(side, opened))?.close();
  }
  return await Deno.openKv(path).catch((cause) => {
    const reason = cause instanceof Error ? cause.message : "unknown error";
    // SQLite makes its side files in the folder.
    const remedy = /readonly|unable to open/.test(reason)
      ? `let the process read and write in the folder ${parentOf(path)}`
      : "point LATCHKEY_KV elsewhere, or restore a backup";
    throw new StoreNotOpened(`${path} cannot be opened as a store (${reason}): ${remedy}`, {
      cause,
    });
  });
}

const remedies: Readonly<Record<string, string>> = {
  NotCapable: "start the process with --allow-read and --allow-write for its folder",
  IsADirectory: "it is a folder: name a file",
  AlreadyExists: "it is no folder: name another path",
  NotADirectory: "it is no folder: name another path",
};

async function openLock(path: string): Promise<Deno.FsFile> {
  const folder = parentOf(path);
  await writable(folder, Deno.mkdir(folder, { recursive: true, mode: 0o700 }));
  return await writable(`${path}.lock`, Deno.open(`${path}.lock`, privately));
}

/** @throws {StoreNotOpened} if a file or folder cannot be made or opened for writing */
async function writable<T>(path: string, opening: Promise<T>): Promise<T> {
  try {
    return await opening;
  } catch (cause) {
    const fault = fileFault(cause);
    const remedy = remedies[fault] ?? "let the process read and write there";
    throw new StoreNotOpened(`${path} cannot be written (${fault}): ${remedy}`, { cause });
  }
}

/** The number of the file at a path, where the system has such numbers; undefined: there is no file. */
async function inodeOf(path: string): Promise<number | null | undefined> {
  try {
    return (await Deno.stat(path)).ino;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

async function lockedAtOnce(file: Deno.FsFile): Promise<boolean> {
  // Deno 2.5 has no tryLock. Closing the file ends the wait for a lock.
  const { tryLock } = file as { tryLock?: (exclusive: boolean) => Promise<boolean> };
  if (tryLock) return await tryLock.call(file, true);
  const { promise: gaveUp, resolve } = Promise.withResolvers<false>();
  const timer = setTimeout(() => resolve(false), 500);
  const locked = file.lock(true).then(() => true, () => false);
  return await Promise.race([locked, gaveUp]).finally(() => clearTimeout(timer));
}

function parentOf(path: string): string {
  const slash = Math.max(path.lastIndexOf("/"), path.lastIndexOf("\\"));
  return slash > 0 ? path.slice(0, slash) : ".";
}
