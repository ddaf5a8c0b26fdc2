import { Interrupted } from "../../stores/engine/pacer.ts";
import type { Deps } from "../deps/deps.ts";

/** Milliseconds between two checks: a minute for a small file, a day for one that takes long to read. */
const between = { least: 60_000, most: 86_400_000 };
/** A check may run for one part in so many of the time. */
const share = 1000;

/**
 * Checks the store's file again and again until the signal. Pages in memory hide what happens to the
 * file, so the store itself may notice damage only after a restart, when the last good backup is old.
 */
export async function watchStoreFile(
  deps: Pick<Deps, "kv" | "clock" | "timers" | "health" | "logger" | "stopping">,
  ending: AbortSignal,
): Promise<void> {
  if (deps.kv.file === null) return;
  while (!deps.stopping.aborted && !ending.aborted) {
    const beganAt = deps.clock.milliseconds();
    await checkStoreFile(deps);
    const took = deps.clock.milliseconds() - beganAt;
    await deps.timers.sleep(Math.min(Math.max(share * took, between.least), between.most), ending);
  }
}

/** Checks the store's file, and reports faults to the health of the process. */
export async function checkStoreFile(
  deps: Pick<Deps, "kv" | "health" | "logger" | "stopping">,
): Promise<void> {
  try {
    const [problem] = await deps.kv.file?.problems(deps.stopping) ?? [];
    if (problem !== undefined) deps.health.notice("damaged", new Error(problem));
  } catch (error) {
    if (!(error instanceof Interrupted)) {
      deps.logger.warn("the store's file was not checked", { error });
    }
  }
}
