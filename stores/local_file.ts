import { groupCommits } from "./group_commit.ts";
import { denoBackend, type KvBackend } from "./kv.ts";

/** The store cannot be opened; the message says why and what to do. */
export class StoreNotOpened extends Error {
  override readonly name = "StoreNotOpened";
}

/**
 * Opens a store in a SQLite file, for this process alone: two processes on one file make a third of
 * each other's commits throw, so a second one is refused here.
 *
 * @throws {StoreNotOpened}
 */
export async function openLocalFile(path: string): Promise<KvBackend> {
  const lock = await openLock(path).catch((cause) => {
    const reason = cause instanceof Error ? cause.name : "unknown error";
    throw new StoreNotOpened(
      `${path} cannot be written (${reason}): let the process read and write there`,
      { cause },
    );
  });
  if (!(await lockedAtOnce(lock))) {
    lock.close();
    throw new StoreNotOpened(
      `${path} is in use by another process: stop it, or point LATCHKEY_KV elsewhere`,
    );
  }
  const kv = await Deno.openKv(path).catch((cause) => {
    lock.close();
    throw new StoreNotOpened(`${path} can not be opened as a store`, { cause });
  });
  const backend = groupCommits(denoBackend(kv, { remote: false }));
  return {
    ...backend,
    close() {
      backend.close();
      lock.close(); // which gives the lock back, as the end of the process would
    },
  };
}

/** Opens a store that is gone when the process ends. */
export async function openMemory(): Promise<KvBackend> {
  return groupCommits(denoBackend(await Deno.openKv(":memory:"), { remote: false }));
}

async function openLock(path: string): Promise<Deno.FsFile> {
  await Deno.mkdir(parentOf(path), { recursive: true, mode: 0o700 });
  return await Deno.open(`${path}.lock`, { create: true, write: true });
}

async function lockedAtOnce(file: Deno.FsFile): Promise<boolean> {
  // Deno 2.5 has no tryLock. A lock that is waited for is let go by closing the file.
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
