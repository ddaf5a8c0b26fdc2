import type { LimitDeps, Reservation } from "./reservation.ts";

/**
 * Waits a moment for the places of another process: it gives those of right guesses back in some
 * milliseconds. So a crowd behind one address may be larger than its limit, whichever process each of
 * them reaches. Wrong guesses keep their places, and then nobody waits for long.
 *
 * @param times how often this guess has waited before
 * @returns whether a place may be free
 */
export async function otherProcessesMayFree(
  deps: LimitDeps,
  { newest = Infinity }: Reservation,
  times: number,
): Promise<boolean> {
  if (deps.kv.memory !== null || newest > recently || times >= mostLooks) return false;
  await deps.timers.sleep(firstLook * 2 ** times);
  return true;
}

/** Milliseconds. */
const [recently, firstLook] = [1000, 25];
const mostLooks = 5;
