import type { Deps } from "../deps/deps.ts";
import { runWorker } from "../deps/worker.ts";
import type { Told } from "../outgoing/deliver_due.ts";
import { deliverLogouts } from "./deliver.ts";
import { fanOut } from "./fan_out.ts";
import { sweepSessions } from "./sweep.ts";

/**
 * Tells the clients of all sessions that have ended: finds the sessions, makes a message for each client,
 * and sends those that are due.
 * @param ending once aborted, nothing else is begun
 * @throws {StoreUnavailable}
 */
export async function tellOfLogouts(deps: Deps, ending?: AbortSignal): Promise<Told> {
  await sweepSessions(deps, ending);
  await fanOut(deps, ending);
  return await deliverLogouts(deps, ending);
}

/** Tells clients as long as the process runs: when it is woken, and when a retry is due. */
export async function runLogoutWorker(deps: Deps, signal: AbortSignal): Promise<void> {
  const failed = "clients could not be told of logouts; it is tried again";
  const work = (ending: AbortSignal) => tellOfLogouts(deps, ending);
  await runWorker(deps, { wakeUp: deps.logoutWakeUp, work, failed }, signal);
}
