import type { Deps } from "../deps/deps.ts";
import { deliverLogouts, type Told } from "./deliver.ts";
import { fanOut } from "./fan_out.ts";
import { sweepSessions } from "./sweep.ts";

/** Milliseconds after which the worker checks without being woken: another process may have ended a session. */
const longestPause = 60_000;
const afterFailure = 5_000;

/**
 * Tells the clients of all sessions that have ended: finds the sessions, makes a message for each client,
 * and sends those that are due.
 * @throws {StoreUnavailable}
 */
export async function tellOfLogouts(deps: Deps): Promise<Told> {
  await sweepSessions(deps);
  await fanOut(deps);
  return await deliverLogouts(deps);
}

/** Tells clients as long as the process runs: when it is woken, and when a retry is due. */
export async function runLogoutWorker(deps: Deps, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await deps.logoutWakeUp.wait(await tellAndPause(deps), signal);
  }
}

async function tellAndPause(deps: Deps): Promise<number> {
  try {
    const { nextDueAt } = await tellOfLogouts(deps);
    if (nextDueAt === null) return longestPause;
    const wait = nextDueAt * 1000 - deps.clock.milliseconds();
    return Math.min(Math.max(wait, 1000), longestPause);
  } catch (error) {
    deps.logger.warn("clients could not be told of logouts; it is tried again", { error });
    return afterFailure;
  }
}
