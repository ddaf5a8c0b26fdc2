import { heldPlaces } from "./held_places.ts";
import { type LimitDeps, type LimitedKey, logged } from "./reservation.ts";
import { batcherOf, nameOf, readLogs } from "./reserve.ts";
import type { Reservation } from "./reservation.ts";
import { reservationOf, reserve } from "./reserve.ts";
import { isFull, withOneMore } from "./sliding_window.ts";

/**
 * Takes a place like `reserve`, for a guess that is verified next. Then call `keep` before the guess is
 * answered, or `giveBack`. Where this process alone writes to the store, the place is only held in memory
 * until then: a guess that a killed process has not answered need not count, and a right one costs no
 * commit.
 * @throws {StoreUnavailable} and then nothing may be verified
 */
export async function hold(
  deps: LimitDeps,
  keys: readonly [LimitedKey, ...LimitedKey[]],
): Promise<Reservation> {
  const { memory } = deps.kv;
  if (memory === null || !deps.config.rateLimits) return await reserve(deps, keys);
  const held = heldPlaces(memory);
  const names = keys.map(nameOf);
  for (;;) {
    const stamp = held.stamp(names);
    const logs = await readLogs(deps, keys);
    // A place that was held may have been stored after the read: then it is in neither.
    if (held.stamp(names) !== stamp) continue;
    const windows = logs.map(({ key, window }) => ({
      key,
      window: { ...window, passed: [...window.passed, ...heldAs(window.at, nameOf(key))] },
    }));
    const full = windows.filter(({ key, window }) => isFull(window, key.limit));
    if (full.length > 0) return logged(deps, reservationOf(full, false));
    held.take(names);
    const taken = windows.map(({ key, window }) => ({ key, window: withOneMore(window) }));
    return { ...reservationOf(taken, true), isHeld: true };
  }

  function heldAs(at: number, name: string): number[] {
    return Array.from({ length: held.count(name) }, () => at);
  }
}

/**
 * Stores the places of a guess that counts.
 * @throws {StoreUnavailable} and then the guess must not be answered
 */
export async function keep(deps: LimitDeps, reservation: Reservation): Promise<void> {
  const { memory } = deps.kv;
  const { taken: [first], isHeld } = reservation;
  if (memory === null || first === undefined || isHeld !== true) return;
  const keys = reservation.taken.map(({ key }) => key);
  let wasStored = false;
  try {
    await batcherOf(deps.kv)(nameOf(first.key), { keys, isHeld });
    wasStored = true;
  } finally {
    heldPlaces(memory).leave(keys.map(nameOf), wasStored);
  }
}
