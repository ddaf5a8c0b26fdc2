import type { Deps } from "../deps/deps.ts";

/** For each millisecond of work so many of rest. */
const share = 4;
/** Milliseconds. The longest is well below the life of a lease. */
const [shortest, longest] = [1, 5000];

/**
 * Does a bit of work that nobody waits for, then rests in proportion to what it took. A sweep has all
 * night, a request has not: the sweep takes a fifth of the time of a server that has nothing else to
 * do, and less of one that is busy, since its own work takes longer there.
 */
export async function withRest<T>(
  { clock, timers }: Pick<Deps, "clock" | "timers">,
  work: () => Promise<T>,
): Promise<T> {
  const began = clock.milliseconds();
  const result = await work();
  const took = clock.milliseconds() - began;
  await timers.sleep(Math.min(Math.max(share * took, shortest), longest));
  return result;
}
