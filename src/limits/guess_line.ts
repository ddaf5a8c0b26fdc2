import type { Kv } from "../../stores/engine/step.ts";
import { perObject } from "../../stores/engine/store_memory.ts";
import type { LimitedKey, Reservation } from "./reservation.ts";
import { nameOf } from "./reserve.ts";

/** The guesses under one limit that are being verified, and those that wait for one of its places. */
interface Line {
  /** The name of its limit. */
  readonly limit: string;
  underWay: number;
  readonly waiting: ((isFree: boolean) => void)[];
  /** How many may wait: if there are more, it is not a crowd of right sign-ins but a flood. */
  readonly longest: number;
  /** How many places were given back. */
  givenBack: number;
  /** Guesses that have not left it: a line without any is forgotten. */
  guesses: number;
}

/** A guess, and how it gets its places. */
export interface Guess<Outcome> {
  /** Takes a place under each limit, or under none. */
  reserve(): Promise<Reservation>;
  /** Verifies the guess. A right one gives its place back. */
  verify(reservation: Reservation): Promise<{ outcome: Outcome; gaveBack: boolean }>;
  /**
   * Waits where no guess of this process can give a place back: other processes may. One guess of a line
   * does at a time, and the others wait for it. Absent: there is nothing to wait for.
   */
  mayBeFreed?(refused: Reservation, times: number): Promise<boolean>;
}

const linesOf = perObject<Kv, Map<string, Line>>(() => new Map());

/**
 * Takes a place for a guess and verifies it. If all places of a limit are taken, but some by guesses that
 * are still being verified, it waits for them: a right guess gives its place back. So twenty concurrent
 * right sign-ins all pass, although the limit is ten.
 *
 * It waits for guesses in this process. Every place comes from `reserve`.
 *
 * @param keys the limits whose places it waits for, the broadest first; of any other, as for the last
 */
export async function inLine<Outcome>(
  kv: Kv,
  keys: readonly [LimitedKey, ...LimitedKey[]],
  guess: Guess<Outcome>,
): Promise<{ readonly outcome: Outcome } | { readonly refused: Reservation }> {
  const all = linesOf(kv);
  const lines = keys.map((key) => enter(all, key));
  let gaveBack = false;
  countUnderWay(lines, 1);
  try {
    const reservation = await placeIn(lines, guess);
    if (!reservation.passed) return { refused: reservation };
    const done = await guess.verify(reservation);
    gaveBack = done.gaveBack;
    return { outcome: done.outcome };
  } finally {
    countUnderWay(lines, -1);
    for (const line of gaveBack ? lines : []) {
      line.givenBack += 1;
      wakeNext(line, true);
    }
    // Nobody gives a place back where none is being verified.
    for (const line of lines) {
      while (line.underWay === 0 && line.waiting.length > 0) wakeNext(line, false);
    }
    keys.forEach((key, n) => leave(all, key, lines[n]));
  }
}

/** Tries until it has a place, or none may become free. @returns what the last try got */
async function placeIn(
  lines: readonly Line[],
  guess: Pick<Guess<unknown>, "reserve" | "mayBeFreed">,
): Promise<Reservation> {
  let freed: Line | null = null; // in which this guess was woken
  for (let looks = 0;;) {
    const { reservation, full, isOutOfDate } = await tryOnce(lines, guess, freed);
    freed = null;
    if (full === undefined || full.waiting.length >= full.longest) return reservation;
    if (isOutOfDate) continue;
    // A waiting guess does not count as being verified: if all others are wrong, there is nothing to wait
    // for.
    if (full.underWay === 1) {
      if (!await guess.mayBeFreed?.(reservation, looks++)) return reservation;
    } else {
      if (!await waitIn(full, lines)) return reservation;
      freed = full;
    }
  }
}

interface Try {
  readonly reservation: Reservation;
  /** Where a place must become free before the next try; undefined: it has its places. */
  readonly full: Line | undefined;
  /** Before the refusal arrived another guess has given its place back, and could not tell this one. */
  readonly isOutOfDate: boolean;
}

/** @param freed where a place is free for this guess: if it does not take it, it is one for the next */
async function tryOnce(
  lines: readonly Line[],
  { reserve }: Pick<Guess<unknown>, "reserve">,
  freed: Line | null,
): Promise<Try> {
  const before = lines.map(({ givenBack }) => givenBack);
  let untaken = freed;
  try {
    const reservation = await reserve();
    const at = lines.findIndex(({ limit }) =>
      reservation.quotas.some(({ name }) => name === limit)
    );
    const full = reservation.passed ? undefined : lines.at(at);
    if (reservation.passed || full === freed) untaken = null;
    const isOutOfDate = full !== undefined && full.givenBack !== before[lines.indexOf(full)];
    return { reservation, full, isOutOfDate };
  } finally {
    if (untaken !== null) wakeNext(untaken, true);
  }
}

/** Waits in a line. @returns whether a place may be free */
function waitIn(line: Line, lines: readonly Line[]): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  line.waiting.push((isFree) => {
    countUnderWay(lines, 1); // by the guess that wakes it, so that the line is not idle meanwhile
    resolve(isFree);
  });
  countUnderWay(lines, -1);
  return promise;
}

function wakeNext(line: Line, isFree: boolean) {
  line.waiting.shift()?.(isFree);
}

function countUnderWay(lines: readonly Line[], by: number) {
  for (const line of lines) line.underWay += by;
}

function enter(lines: Map<string, Line>, key: LimitedKey): Line {
  const name = nameOf(key);
  const longest = Math.max(30, 10 * key.limit.count);
  const line = lines.get(name) ??
    { limit: key.name, underWay: 0, waiting: [], longest, givenBack: 0, guesses: 0 };
  line.guesses += 1;
  lines.set(name, line);
  return line;
}

function leave(lines: Map<string, Line>, key: LimitedKey, line: Line | undefined) {
  if (line !== undefined && --line.guesses === 0) lines.delete(nameOf(key));
}
