import type { Deps } from "../deps/deps.ts";
import { deliverMail } from "./deliver.ts";

/** Milliseconds after which the worker checks without being woken: another process may have added a mail. */
const longestPause = 60_000;
const afterFailure = 5_000;

/** Sends mail as long as the process runs: when it is woken, and when a retry is due. */
export async function runMailWorker(deps: Deps, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await deps.mailWakeUp.wait(await deliverAndPause(deps), signal);
  }
}

async function deliverAndPause(deps: Deps): Promise<number> {
  try {
    const { nextDueAt } = await deliverMail(deps);
    if (nextDueAt === null) return longestPause;
    const wait = nextDueAt * 1000 - deps.clock.milliseconds();
    return Math.min(Math.max(wait, 1000), longestPause);
  } catch (error) {
    deps.logger.warn("mail could not be delivered; it is tried again", { error });
    return afterFailure;
  }
}
