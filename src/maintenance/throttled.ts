import { Interrupted } from "../../stores/engine/pacer.ts";
import type { Deps } from "../deps/deps.ts";

/** Milliseconds of rest for each millisecond of work. */
const share = 4;
/** The shortest and the longest rest in milliseconds. The longest is far shorter than the life of a lease. */
const [shortest, longest] = [1, 5000];

/**
 * Does a piece of background work, then rests in proportion to its duration. A sweep can take all night,
 * but a request cannot wait. So the sweep uses a fifth of an idle server's time, and less of a busy
 * one's, because its own work takes longer there.
 * @throws {Interrupted} if the process is to stop
 */
export async function throttled<T>(
  { clock, timers, stopping }: Pick<Deps, "clock" | "timers" | "stopping">,
  work: () => Promise<T>,
): Promise<T> {
  if (stopping.aborted) throw new Interrupted("the process was told to stop");
  const began = clock.milliseconds();
  const result = await work();
  const took = clock.milliseconds() - began;
  await timers.sleep(Math.min(Math.max(share * took, shortest), longest), stopping);
  return result;
}
