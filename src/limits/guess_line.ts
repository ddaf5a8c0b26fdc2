import type { Kv } from "../../stores/engine/step.ts";
import { perObject } from "../../stores/engine/store_memory.ts";
import type { LimitedKey, Reservation } from "./reservation.ts";
import { nameOf } from "./reserve.ts";

/** The guesses under one limit that are being verified, and those that wait for one of its places. */
interface Line {
  underWay: number;
  readonly waiting: ((isFree: boolean) => void)[];
  /** How many may wait: if there are more, it is not a crowd of right sign-ins but a flood. */
  readonly longest: number;
  /** How many places were given back. */
  givenBack: number;
  /** Guesses that have not left it: a line without any is forgotten. */
  guesses: number;
}

const linesOf = perObject<Kv, Map<string, Line>>(() => new Map());

/**
 * Takes a place for a guess and verifies it. If all places of a limit are taken, but some by guesses that
 * are still being verified, it waits for them: a right guess gives its place back. So twenty concurrent
 * right sign-ins all pass, although the limit is ten.
 *
 * It waits for guesses in this process. Every place comes from `reserve`.
 *
 * @param mayBeFreed waits where no guess of this process can give a place back: other processes may. One
 *   guess of a line does at a time, and the others wait for it.
 * @param keys the limits whose places it waits for, the broadest first; of any other, as for the last
 */
export async function inLine<Outcome>(
  kv: Kv,
  keys: readonly [LimitedKey, ...LimitedKey[]],
  reserve: () => Promise<Reservation>,
  verify: (reservation: Reservation) => Promise<{ outcome: Outcome; gaveBack: boolean }>,
  mayBeFreed: (refused: Reservation, times: number) => Promise<boolean> = () =>
    Promise.resolve(false),
): Promise<{ readonly outcome: Outcome } | { readonly refused: Reservation }> {
  const all = linesOf(kv);
  const lines = keys.map((key) => enter(all, key));
  let gaveBack = false;
  let freed: Line | null = null;
  countUnderWay(lines, 1);
  try {
    let looks = 0;
    let before = lines.map(({ givenBack }) => givenBack);
    let reservation = await reserve();
    while (!reservation.passed) {
      const { quotas } = reservation;
      const full = keys.findIndex(({ name }) => quotas.some((quota) => quota.name === name));
      const line = lines.at(full);
      // The place that was free is one for the next, if another limit refuses this guess.
      if (freed !== line) freed?.waiting.shift()?.(true);
      freed = null;
      if (line === undefined || line.waiting.length >= line.longest) {
        return { refused: reservation };
      }
      // Before the refusal arrived another guess has given its place back, and could not tell this one.
      const isOutOfDate: boolean = line.givenBack !== before[lines.indexOf(line)];
      // A waiting guess does not count as being verified: if all others are wrong, there is nothing to
      // wait for.
      const isAlone: boolean = line.underWay === 1;
      const mayPass = isOutOfDate ||
        await (isAlone ? mayBeFreed(reservation, looks++) : placeIn(line, lines));
      if (!mayPass) return { refused: reservation };
      freed = isOutOfDate || isAlone ? null : line;
      before = lines.map(({ givenBack }) => givenBack);
      reservation = await reserve();
    }
    freed = null;
    const done = await verify(reservation);
    gaveBack = done.gaveBack;
    return { outcome: done.outcome };
  } finally {
    countUnderWay(lines, -1);
    // A place that this guess was woken for, and could not take because `reserve` threw.
    (freed as Line | null)?.waiting.shift()?.(true);
    for (const line of gaveBack ? lines : []) {
      line.givenBack += 1;
      line.waiting.shift()?.(true);
    }
    // Nobody gives a place back where none is being verified.
    for (const line of lines) {
      while (line.underWay === 0 && line.waiting.length > 0) line.waiting.shift()?.(false);
    }
    keys.forEach((key, n) => leave(all, key, lines[n]));
  }
}

/** Waits in a line. @returns whether a place may be free */
function placeIn(line: Line, lines: readonly Line[]): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  line.waiting.push((isFree) => {
    countUnderWay(lines, 1); // by the guess that wakes it, so that the line is not idle meanwhile
    resolve(isFree);
  });
  countUnderWay(lines, -1);
  return promise;
}

function countUnderWay(lines: readonly Line[], by: number) {
  for (const line of lines) line.underWay += by;
}

function enter(lines: Map<string, Line>, key: LimitedKey): Line {
  const name = nameOf(key);
  const longest = Math.max(30, 10 * key.limit.count);
  const line = lines.get(name) ??
    { underWay: 0, waiting: [], longest, givenBack: 0, guesses: 0 };
  line.guesses += 1;
  lines.set(name, line);
  return line;
}

function leave(lines: Map<string, Line>, key: LimitedKey, line: Line | undefined) {
  if (line !== undefined && --line.guesses === 0) lines.delete(nameOf(key));
}
