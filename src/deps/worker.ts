import type { Deps } from "./deps.ts";
import type { WakeUp } from "./wake_up.ts";

/** Milliseconds after which a worker looks without being woken: another process may have added work. */
const longestPause = 60_000;
const shortestPause = 1000;
const afterFailure = 5_000;

/** Work that is done as long as the process runs: when it is woken, and when a retry is due. */
export interface Worker {
  readonly wakeUp: WakeUp;
  /**
   * Does all that is due, and says when the next of it is, in epoch seconds; null: nothing waits.
   * @param ending once aborted, it finishes what it has begun, and begins nothing more
   */
  work(ending: AbortSignal): Promise<{ readonly nextDueAt: number | null }>;
  /** The log line when it fails. */
  readonly failed: string;
}

export async function runWorker(
  deps: Pick<Deps, "clock" | "logger">,
  worker: Worker,
  signal: AbortSignal,
) {
  while (!signal.aborted) {
    await worker.wakeUp.wait(await workAndPause(deps, worker, signal), signal);
  }
}

async function workAndPause(
  { clock, logger }: Pick<Deps, "clock" | "logger">,
  { work, failed }: Worker,
  ending: AbortSignal,
): Promise<number> {
  try {
    const { nextDueAt } = await work(ending);
    if (nextDueAt === null) return longestPause;
    const wait = nextDueAt * 1000 - clock.milliseconds();
    return Math.min(Math.max(wait, shortestPause), longestPause);
  } catch (error) {
    logger.warn(failed, { error });
    return afterFailure;
  }
}
