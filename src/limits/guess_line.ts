import type { Kv } from "../../stores/engine/step.ts";
import type { LimitedKey, Reservation } from "./reservation.ts";

/** The guesses at one account from one source that are being verified, and those that wait. */
interface Line {
  underWay: number;
  readonly waiting: ((isFree: boolean) => void)[];
}

const linesOfStore = new WeakMap<Kv, Map<string, Line>>();
/** If more than this wait at once, it is not a crowd of right sign-ins but a flood. */
const longest = 30;

/**
 * Takes a place for a guess and verifies it. If all places are taken, but some by guesses that are
 * still being verified, it waits for them: a right guess gives its place back. So twenty concurrent
 * right sign-ins all pass, although the limit is ten.
 *
 * It waits only for guesses in this process. Every place comes from `reserve`.
 */
export async function inLine<Outcome>(
  kv: Kv,
  key: LimitedKey,
  reserve: () => Promise<Reservation>,
  verify: (reservation: Reservation) => Promise<{ outcome: Outcome; gaveBack: boolean }>,
): Promise<{ readonly outcome: Outcome } | { readonly refused: Reservation }> {
  const lines = linesOf(kv);
  const name = String(key.ref.key.at(-1));
  const line = lines.get(name) ?? { underWay: 0, waiting: [] };
  lines.set(name, line);
  line.underWay += 1;
  let gaveBack = false;
  try {
    let reservation = await reserve();
    while (!reservation.passed) {
      // A waiting guess does not count as being verified: if all others are wrong, there is nothing to
      // wait for.
      if (line.underWay === 1 || line.waiting.length >= longest) return { refused: reservation };
      line.underWay -= 1;
      // The guess that wakes it counts it as being verified again.
      if (!await new Promise<boolean>((wake) => line.waiting.push(wake))) {
        return { refused: reservation };
      }
      reservation = await reserve();
    }
    const done = await verify(reservation);
    gaveBack = done.gaveBack;
    return { outcome: done.outcome };
  } finally {
    line.underWay -= 1;
    if (gaveBack) wakeOne(line, true);
    while (line.underWay === 0 && line.waiting.length > 0) wakeOne(line, false);
    if (line.underWay === 0) lines.delete(name);
  }
}

function wakeOne(line: Line, isFree: boolean) {
  const wake = line.waiting.shift();
  if (wake === undefined) return;
  line.underWay += 1;
  wake(isFree);
}

function linesOf(kv: Kv): Map<string, Line> {
  const known = linesOfStore.get(kv);
  if (known) return known;
  const made = new Map<string, Line>();
  linesOfStore.set(kv, made);
  return made;
}
