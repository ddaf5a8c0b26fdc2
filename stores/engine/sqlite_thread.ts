import { Interrupted } from "./pacer.ts";
import type { SqliteReply, SqliteTask } from "./sqlite_worker.ts";

/** SQLite failed; the message is its own. `kind` is the name of the error in the worker. */
export class SqliteFailed extends Error {
  override readonly name = "SqliteFailed";

  constructor(readonly kind: string, message: string) {
    super(message);
  }
}

/**
 * Copies a database like `copySqlite`, in a worker, so that requests continue.
 * @returns the size of the copy in bytes
 * @throws {SqliteFailed}
 * @throws {Interrupted} once `signal` is aborted
 */
export async function copySqliteAside(
  from: string,
  to: string,
  signal: AbortSignal,
): Promise<number> {
  const reply = await onThread({ kind: "copy", from, to }, signal);
  if (reply.kind !== "copied") throw new Error(`a copy was answered ${reply.kind}`);
  return reply.bytes;
}

/** Checks a database like `sqliteProblems`, in a worker. */
export async function sqliteProblemsAside(
  path: string,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const reply = await onThread({ kind: "check", path }, signal);
  if (reply.kind !== "checked") throw new Error(`a check was answered ${reply.kind}`);
  return reply.problems;
}

async function onThread(task: SqliteTask, signal: AbortSignal): Promise<SqliteReply> {
  const { promise, resolve, reject } = Promise.withResolvers<SqliteReply>();
  const interrupt = () => reject(new Interrupted("the process was told to stop"));
  if (signal.aborted) interrupt();
  signal.addEventListener("abort", interrupt);
  const worker = new Worker(new URL("./sqlite_worker.ts", import.meta.url), { type: "module" });
  worker.onmessage = ({ data: reply }: MessageEvent<SqliteReply>) => {
    if (reply.kind === "ready") worker.postMessage(task);
    else if (reply.kind === "failed") reject(new SqliteFailed(reply.name, reply.message));
    else resolve(reply);
  };
  worker.onerror = (event) => {
    event.preventDefault();
    reject(new SqliteFailed("Error", event.message));
  };
  try {
    return await promise;
  } finally {
    worker.terminate();
    signal.removeEventListener("abort", interrupt);
  }
}
