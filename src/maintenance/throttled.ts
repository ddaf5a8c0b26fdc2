import type { Deps } from "../deps/deps.ts";

/** Milliseconds of rest for each millisecond of work. */
const share = 4;
/** The shortest and the longest rest in milliseconds. The longest is far shorter than the life of a lease. */
const [shortest, longest] = [1, 5000];

/**
 * Does a piece of background work, then rests in proportion to its duration. A sweep can take all night,
 * but a request cannot wait. So the sweep uses a fifth of an idle server's time, and less of a busy
 * one's, because its own work takes longer there.
 */
export async function throttled<T>(
  { clock, timers }: Pick<Deps, "clock" | "timers">,
  work: () => Promise<T>,
): Promise<T> {
  const began = clock.milliseconds();
  const result = await work();
  const took = clock.milliseconds() - began;
  await timers.sleep(Math.min(Math.max(share * took, shortest), longest));
  return result;
}
