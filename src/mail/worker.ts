import type { Deps } from "../deps/deps.ts";
import { runWorker } from "../deps/worker.ts";
import { deliverMail } from "./deliver.ts";

/** Sends mail as long as the process runs: when it is woken, and when a retry is due. */
export async function runMailWorker(deps: Deps, signal: AbortSignal): Promise<void> {
  const failed = "mail could not be delivered; it is tried again";
  const work = (ending: AbortSignal) => deliverMail(deps, ending);
  await runWorker(deps, { wakeUp: deps.mailWakeUp, work, failed }, signal);
}
