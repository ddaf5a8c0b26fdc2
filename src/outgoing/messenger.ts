import type { Deps } from "../deps/deps.ts";
import type { WakeUp } from "../deps/wake_up.ts";
import type { Told } from "./deliver_due.ts";

/** Milliseconds after which a worker checks without being woken: another process may have added a message. */
const longestPause = 60_000;
const afterFailure = 5_000;

/** Work that is done as long as the process runs: when it is woken, and when a retry is due. */
export interface Messenger {
  readonly wakeUp: WakeUp;
  tell(): Promise<Told>;
  /** The log line when it fails. */
  readonly failed: string;
}

export async function runMessenger(deps: Deps, messenger: Messenger, signal: AbortSignal) {
  while (!signal.aborted) {
    await messenger.wakeUp.wait(await tellAndPause(deps, messenger), signal);
  }
}

async function tellAndPause(deps: Deps, { tell, failed }: Messenger): Promise<number> {
  try {
    const { nextDueAt } = await tell();
    if (nextDueAt === null) return longestPause;
    const wait = nextDueAt * 1000 - deps.clock.milliseconds();
    return Math.min(Math.max(wait, 1000), longestPause);
  } catch (error) {
    deps.logger.warn(failed, { error });
    return afterFailure;
  }
}
