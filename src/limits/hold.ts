import { isOfWrongClock } from "../../stores/engine/wrong_clock.ts";
import { heldPlaces } from "./held_places.ts";
import { type LimitDeps, type LimitedKey, logged, type Reservation } from "./reservation.ts";
import { batcherOf, nameOf, readLogs, reservationOf, reserve } from "./reserve.ts";
import { isFull, type SlidingWindow, withOneMore } from "./sliding_window.ts";

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
      window: {
        ...window,
        passed: [...window.passed, ...unstored(key, window), ...heldNow(key, window)]
          .sort((one, other) => one - other),
      },
    }));
    const full = windows.filter(({ key, window }) => isFull(window, key.limit));
    if (full.length > 0) return logged(deps, reservationOf(full, false));
    held.take(names);
    const taken = windows.map(({ key, window }) => ({ key, window: withOneMore(window) }));
    return { ...reservationOf(taken, true), isHeld: true };
  }

  function heldNow(key: LimitedKey, { at }: SlidingWindow): number[] {
    return Array.from({ length: held.count(nameOf(key)) }, () => at);
  }

  function unstored(key: LimitedKey, { at }: SlidingWindow): readonly number[] {
    const from = at - key.limit.seconds * 1000;
    return held.unstored(nameOf(key)).filter((one) => one > from && !isOfWrongClock(one, at));
  }
}

/**
 * Stores the places of a guess that counts. If that is not possible, as on a full disk, they count in the
 * memory of this process: the error tells that the guess was wrong, so it must not be free.
 * @param isKnownWrong whether the guess was found to be wrong: else the error tells nothing
 * @throws {StoreUnavailable} and then the guess must not be answered
 */
export async function keep(
  deps: LimitDeps,
  reservation: Reservation,
  isKnownWrong = true,
): Promise<void> {
  const { memory } = deps.kv;
  const { taken: [first], isHeld } = reservation;
  if (memory === null || first === undefined || isHeld !== true) return;
  const keys = reservation.taken.map(({ key }) => key);
  const held = heldPlaces(memory);
  const names = keys.map(nameOf);
  try {
    await batcherOf(deps.kv)(nameOf(first.key), { keys, isHeld });
  } catch (error) {
    const longest = Math.max(...keys.map(({ limit }) => limit.seconds)) * 1000;
    if (isKnownWrong) held.leaveUnstored(names, deps.clock.milliseconds(), longest);
    else held.leave(names, false);
    throw error;
  }
  held.leave(names, true);
}
