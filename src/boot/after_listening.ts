import { systemTimers } from "../../stores/engine/kv.ts";
import { keepWatch } from "../../stores/engine/outage_watch.ts";
import { runPingWorker } from "../backchannel/deliver_pings.ts";
import type { Deps } from "../deps/deps.ts";
import { runLogoutWorker } from "../logout/worker.ts";
import { runMailWorker } from "../mail/worker.ts";
import { watchStoreFile } from "../maintenance/store_file.ts";
import { tidyMemory } from "../maintenance/tidy_memory.ts";
import { masterKeyWarning } from "./master_key_warning.ts";
import { logSetupLink } from "./setup_link.ts";

export interface LaterWork {
  /** Loads what people and administrators open. */
  loadPages(): Promise<void>;
  /** Reads the files of all other code. */
  readAllFiles(): Promise<void>;
  /** Runs the migrations that may run while the server serves. */
  migrate(): Promise<void>;
}

/** Milliseconds between reading the code of the endpoints and what no client's request needs. */
const quietBeforePages = 450;

/**
 * Loads the pages, watches the store, migrates, delivers mail, and tells clients of logouts and answers.
 *
 * @param ending aborted when all of that is to end
 * @throws the error of the first part that fails
 */
export async function workAfterListening(
  deps: Deps,
  later: LaterWork,
  ending: AbortSignal,
): Promise<void> {
  const warning = masterKeyWarning(deps.config.masterKey);
  if (warning !== null) deps.logger.warn(warning);
  void deps.background.begin(() => logSetupLink(deps, ending));
  void deps.background.begin(() => warnOfBackupFolder(deps));
  void deps.background.begin(async () => {
    const { warnOfDevelopmentPeople } = await import("./development_people_warning.ts");
    await warnOfDevelopmentPeople(deps);
  });
  const working = [work(deps, later, ending)];
  if (deps.config.kv.kind === "remote") working.push(keepWatch(deps.kv, systemTimers, ending));
  await allOf(deps, working);
}

async function work(
  deps: Deps,
  { loadPages, readAllFiles, migrate }: LaterWork,
  ending: AbortSignal,
) {
  await systemTimers.sleep(quietBeforePages, ending);
  if (ending.aborted) return;
  await loadPages();
  await readAllFiles();
  deps.logger.debug("all code is read");
  await allOf(deps, [
    watchStoreFile(deps, ending),
    tidyMemory(deps.kv.memory, deps.timers, ending),
    runMailWorker(deps, ending),
    runLogoutWorker(deps, ending),
    runPingWorker(deps, ending),
    deps.background.begin(migrate),
  ]);
}

/** If one fails, the store is closed when the others have ended too. */
async function allOf({ background }: Deps, running: readonly Promise<void>[]) {
  void background.begin(async () => void await Promise.allSettled(running));
  await Promise.all(running);
}

async function warnOfBackupFolder(deps: Deps) {
  if (deps.config.backupFolder === null) return;
  const { backupFolderProblem } = await import("../maintenance/backup.ts");
  const problem = await backupFolderProblem(deps);
  if (problem !== null) deps.logger.warn(problem);
}
