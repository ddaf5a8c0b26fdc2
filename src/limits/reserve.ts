import { isPresent } from "../../stores/engine/collection.ts";
import { kvLimits, StoreUnavailable } from "../../stores/engine/store_errors.ts";
import * as rateLimits from "../../stores/rate_limits.ts";
import type { Kv } from "../../stores/engine/step.ts";
import { perObject } from "../../stores/engine/store_memory.ts";
import {
  nameOf as nameOfPlace,
  systemOrigin,
  type Transaction,
} from "../../stores/engine/transaction.ts";
import { batchByKey, type Submit } from "./batch_by_key.ts";
import { heldPlaces } from "./held_places.ts";
import {
  type LimitDeps,
  type LimitedKey,
  logged,
  type Reservation,
  type TakenPlace,
  unlimited,
} from "./reservation.ts";
import {
  isFull,
  type ReadLog,
  remaining,
  type SlidingWindow,
  untilNextPlace,
  windowOf,
  withOneMore,
  withoutOne,
  writeWindow,
} from "./sliding_window.ts";

/**
 * Takes a place under each of the limits, or under none: a request that one limit refuses uses up nothing
 * of the others. So a flood from one address cannot use up the limit of an account.
 * It is a separate commit, shared by all requests in flight in this process with the same first key. So
 * the first key must be the broadest one. A refusal writes nothing.
 * @throws {StoreUnavailable} and then the request must not pass
 */
export async function reserve(
  deps: LimitDeps,
  keys: readonly [LimitedKey, ...LimitedKey[]],
): Promise<Reservation> {
  if (!deps.config.rateLimits) return unlimited;
  const reservation = await batcherOf(deps.kv)(nameOf(keys[0]), { keys });
  return logged(deps, reservation);
}

/**
 * Gives back the places of a reservation that turned out not to count: a right password is no guess. Only
 * these places become free, and entries of failures stay. So signing in to one's own account between
 * guesses at another account resets nothing.
 * @throws {StoreUnavailable} and then the places stay taken until they leave the window
 */
export async function giveBack(deps: LimitDeps, { taken, isHeld }: Reservation): Promise<void> {
  const [first] = taken;
  if (first === undefined) return;
  const { memory } = deps.kv;
  if (memory !== null && isHeld === true) {
    return heldPlaces(memory).leave(taken.map(({ key }) => nameOf(key)), false);
  }
  await batcherOf(deps.kv)(nameOf(first.key), { keys: taken.map(({ key }) => key), taken });
}

/**
 * The same after a right guess, whose answer stays even if the place could not be given back. @returns
 * whether it was given back
 */
export async function released(deps: LimitDeps, reservation: Reservation): Promise<boolean> {
  try {
    await giveBack(deps, reservation);
    return true;
  } catch (error) {
    if (!(error instanceof StoreUnavailable)) throw error;
    deps.logger.debug("a right guess stays counted: the store is unavailable", {});
    return false;
  }
}

/** Whether a request would pass all limits. It costs one read and takes no place. */
export async function look(deps: LimitDeps, keys: readonly LimitedKey[]): Promise<Reservation> {
  if (!deps.config.rateLimits) return unlimited;
  if (neverFailed(deps, keys)) return unlimited;
  const logs = await readLogs(deps, keys);
  const full = logs.filter(({ key, window }) => isFull(window, key.limit));
  const reservation = full.length > 0 ? reservationOf(full, false) : reservationOf(logs, true);
  return logged(deps, { ...reservation, taken: [] });
}

/** Whether this process remembers that no limit is used, as for most subjects; if not, `look`. */
export function neverFailed({ kv }: Pick<LimitDeps, "kv">, keys: readonly LimitedKey[]): boolean {
  return kv.glance(keys.map(({ ref }) => ref))?.every(({ value }) => value === null) ?? false;
}

/** Reads the logs of limits as of now. */
export async function readLogs({ kv }: Pick<LimitDeps, "kv">, keys: readonly LimitedKey[]) {
  return await kv.step(systemOrigin, async (tx) => {
    const entries = await tx.read(Object.fromEntries(keys.map((key) => [nameOf(key), key.ref])));
    return keys.map((key) => ({ key, window: windowOf(tx, key, entries[nameOf(key)] ?? null) }));
  });
}

/** Takes a place under each key, or gives back places that were taken, or stores places that were held. */
interface Job {
  readonly keys: readonly LimitedKey[];
  readonly isHeld?: boolean;
  readonly taken?: readonly TakenPlace[];
}

/** A process has one handle on its store, and that handle has one batcher. */
export const batcherOf = perObject<Kv, Submit<Job, Reservation>>((kv) =>
  batchByKey({
    work: (jobs) => kv.step(systemOrigin, (tx) => doAll(tx, jobs)),
    takes: ({ keys }) => keys.map(nameOf),
    room: kvLimits.checks - 1, // one is left to the marker of a remote commit
  })
);

interface OpenLog {
  readonly key: LimitedKey;
  readonly entry: ReadLog;
  window: SlidingWindow;
}

async function doAll(tx: Transaction, jobs: readonly Job[]): Promise<Reservation[]> {
  const keys = new Map(jobs.flatMap((job) => job.keys).map((key) => [nameOf(key), key]));
  const entries = await tx.read(
    Object.fromEntries([...keys].map(([name, key]) => [name, key.ref])),
  );
  const logs = new Map<string, OpenLog>();
  for (const [name, key] of keys) {
    const entry = entries[name];
    if (!entry) throw new Error("a rate limit key was not read");
    logs.set(name, { key, entry, window: windowOf(tx, key, entry) });
  }

  const changed = new Set<OpenLog>();
  const reservations = jobs.map((job) => {
    for (const { key, at } of job.taken ?? []) {
      const log = logs.get(nameOf(key));
      if (log === undefined || !log.window.passed.includes(at)) continue; // it has left the window
      log.window = withoutOne(log.window, at);
      changed.add(log);
    }
    if (job.taken !== undefined) return unlimited;
    const wanted = job.keys.map((key) => logs.get(nameOf(key))).filter((log) => log !== undefined);
    const full = wanted.filter(({ key, window }) => isFull(window, key.limit));
    if (full.length > 0 && job.isHeld !== true) return reservationOf(full, false);
    for (const log of wanted) {
      log.window = withOneMore(log.window);
      changed.add(log);
    }
    return reservationOf(wanted, true);
  });
  for (const { key, entry, window } of changed) {
    if (window.passed.length > 0) writeWindow(tx, key, entry, window);
    else if (isPresent(entry)) rateLimits.reset(tx, entry);
  }
  return reservations;
}

/** The answer about limits. @param logs after a pass, all; after a refusal, those that refused */
export function reservationOf(
  logs: readonly { readonly key: LimitedKey; readonly window: SlidingWindow }[],
  passed: boolean,
): Reservation {
  const quotas = logs.map(({ key: { name, limit }, window }) => ({
    name,
    limit,
    remaining: remaining(window, limit),
    reset: untilNextPlace(window, limit),
  }));
  return {
    passed,
    quotas,
    retryAfter: passed ? 0 : Math.max(...quotas.map(({ reset }) => reset)),
    ...(passed ? {} : { newest: Math.max(...logs.map(({ window }) => ageOfNewest(window))) }),
    taken: passed ? logs.map(({ key, window }) => ({ key, at: window.at })) : [],
  };
}

function ageOfNewest({ at, passed }: SlidingWindow): number {
  return at - (passed.at(-1) ?? at);
}

/** The name of a limit for one subject. */
export function nameOf(key: LimitedKey): string {
  return nameOfPlace(key.ref);
}
