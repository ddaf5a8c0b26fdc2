import type { Kv } from "../../stores/engine/step.ts";
import type { LimitedKey, Reservation } from "../limits/reserve.ts";

/** Guesses at one account from one place that are being verified, and those that wait for a place. */
interface Line {
  underWay: number;
  readonly waiting: ((isFree: boolean) => void)[];
}

const linesOfStore = new WeakMap<Kv, Map<string, Line>>();
/** More than these that wait at once are no crowd of right sign-ins, but a flood. */
const longest = 30;

/**
 * Takes a place for a guess and verifies it. Where all places are taken, but some by guesses that are
 * still being verified, it waits for what comes of those: a right one gives its place back. So twenty
 * right sign-ins at once all pass, though the limit is ten.
 *
 * Only guesses in this process are waited for. Every place is still one that `reserve` has given.
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
      // What waits is not under way: if all others are wrong, nobody is left to be waited for.
      if (line.underWay === 1 || line.waiting.length >= longest) return { refused: reservation };
      line.underWay -= 1;
      // Whoever wakes it counts it as under way again.
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
