import { fileFault } from "../../stores/engine/store_errors.ts";
import type { StoreFile } from "../../stores/engine/kv.ts";
import { SqliteFailed } from "../../stores/engine/sqlite_thread.ts";
import { troubleOf } from "../../stores/engine/store_trouble.ts";
import { randomId } from "../crypto/random.ts";
import type { Deps } from "../deps/deps.ts";
import { type Job, OperationFailed } from "./operation.ts";
import { checkStoreFile } from "./store_file.ts";

/** Copies the store's file. In the result, `file` is the name in the backup folder, and `bytes` its size. */
export function backupJob(store: StoreFile, folder: string, name: string): Job {
  return {
    kind: "backup",
    lease: { name: "backup", lifetime: 60 },
    async run(deps, _lease, tell) {
      const over = new AbortController();
      const copying = store.copy(`${folder}/${name}`, deps.stopping).finally(() => over.abort());
      const [bytes] = await Promise.all([copying, keepTelling()]).catch((error) => {
        throw failureOf(deps, folder, error);
      });
      return { file: name, bytes };

      /** Renews the lease, because copying itself commits nothing. */
      async function keepTelling() {
        while (!over.signal.aborted) {
          await deps.timers.sleep(1000, over.signal);
          await tell({});
        }
      }
    },
  };
}

/** The name sorts by time, and cannot be guessed. */
export function backupName({ clock, random }: Pick<Deps, "clock" | "random">): string {
  const time = new Date(clock.milliseconds()).toISOString().slice(0, 19).replaceAll(":", "-");
  return `latchkey-${time}Z-${randomId(random).slice(0, 8)}.sqlite`;
}

/**
 * Why no backup could be made at the moment, and what to do; null: one could be, or none is configured. It is
 * for the boot: otherwise an operator would find out when a backup is needed.
 */
export async function backupFolderProblem(
  { config, kv }: Pick<Deps, "config" | "kv">,
): Promise<string | null> {
  const { backupFolder: folder } = config;
  if (folder === null) return null;
  if (kv.file === null) {
    return "LATCHKEY_BACKUP_FOLDER is set, but only the store in a file is copied there: remove it, and \
back up the store itself";
  }
  try {
    await kv.file.assertCanCopyInto(folder);
    return null;
  } catch (error) {
    const fault = fileFault(error);
    const problem = remedies[fault] ?? `it cannot be written (${fault})`;
    return `no backup can be made in LATCHKEY_BACKUP_FOLDER, ${folder}: ${problem}`;
  }
}

function failureOf(deps: Deps, folder: string, error: unknown): unknown {
  if (!(error instanceof SqliteFailed)) {
    if (!(error instanceof Error) || !(error.name in remedies)) return error;
    return new OperationFailed(`${folder}: ${remedies[error.name]}`, { cause: error });
  }
  const trouble = troubleOf(error);
  // The damage can be in the store's file or in the new copy.
  if (trouble === "damaged" || /damaged/.test(error.message)) {
    void deps.background.begin(() => checkStoreFile(deps));
    return new OperationFailed(
      `the copy is damaged, as the store's file may be: ${error.message}`,
      { cause: error },
    );
  }
  if (trouble === "full") {
    return new OperationFailed(`${folder} has no room for a copy`, { cause: error });
  }
  const remedy = remedies[error.kind] ?? `the copy failed: ${error.message}`;
  return new OperationFailed(`${folder}: ${remedy}`, { cause: error });
}

const remedies: Readonly<Record<string, string>> = {
  NotCapable: "start the process with --allow-read and --allow-write for this folder",
  PermissionDenied: "let the process write into this folder",
  NotADirectory: "this is no folder",
  CannotCopy: "this runtime is too old to copy a store in use: run the one that the README names",
};
