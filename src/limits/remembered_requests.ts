import { inBatches } from "../../stores/engine/batches.ts";
import { perObject, type StoreMemory } from "../../stores/engine/store_memory.ts";
import { systemOrigin } from "../../stores/engine/transaction.ts";
import * as requestCounts from "../../stores/request_counts.ts";
import type { LimitDeps, Reservation } from "./reservation.ts";
import { nameOfRequestKey, type RequestKey, requestReservation } from "./request_key.ts";
import { storedWindow } from "./request_window.ts";
import { add, type Counted, type Log, moveOn, usage, windowOf } from "./counted_requests.ts";

/** What a process remembers. */
interface Remembered {
  readonly counted: Map<string, Counted>;
  readonly loading: Map<string, Promise<void>>;
  /** Whether something is not stored yet. */
  isDirty: boolean;
  /** Stores it. Null: nothing waits to be stored. */
  writing: Promise<void> | null;
  readonly closing: AbortController;
}

/** Milliseconds after which a request is stored: what a killed process can forget. */
const storedWithin = 1000;
/** The number of subjects that are remembered. The rest is in the store. */
const mostSubjects = 50_000;
/** A commit may have 800 KB. A count has up to 1,000 moments of about 17 bytes each. */
const mostOfOneCommit = { counts: 200, moments: 20_000 };

/**
 * Takes a place for a request under each limit, or under none. This process counts alone, so it counts in
 * memory, exactly, and stores the counts within a second. A killed process forgets the requests of its
 * last second at most; a stopped one forgets nothing.
 * @throws {StoreUnavailable} if an earlier count could not be read
 */
export async function takeRemembered(
  deps: LimitDeps,
  memory: StoreMemory,
  keys: readonly RequestKey[],
): Promise<Reservation> {
  const remembered = rememberedBy(memory);
  let logs = found(remembered, keys);
  while (logs === null) {
    await load(deps, remembered, keys);
    logs = found(remembered, keys);
  }
  // No other request runs from here on.
  const now = deps.clock.milliseconds();
  for (const log of logs) moveOn(log, now);
  const full = logs.filter(({ log: { used }, key }) => used >= key.limit.count);
  if (full.length > 0) return requestReservation(full.map(usage), false);
  for (const log of logs) add(log);
  remembered.isDirty = true;
  remembered.writing ??= keepWriting(deps, remembered);
  return requestReservation(logs.map(usage), true);
}

/** What is used of a limit now. */
export async function lookRemembered(
  deps: LimitDeps,
  memory: StoreMemory,
  key: RequestKey,
): Promise<{ readonly used: number; readonly reset: number }> {
  const remembered = rememberedBy(memory);
  let logs = found(remembered, [key]);
  while (logs === null) {
    await load(deps, remembered, [key]);
    logs = found(remembered, [key]);
  }
  for (const log of logs) moveOn(log, deps.clock.milliseconds());
  const [log] = logs.map(usage);
  return { used: log?.used ?? 0, reset: log?.reset ?? 0 };
}

/** Forgets a count that was deleted in the store. */
export function forgetRemembered(memory: StoreMemory, key: RequestKey) {
  rememberedBy(memory).counted.delete(nameOfRequestKey(key));
}

function found({ counted }: Remembered, keys: readonly RequestKey[]): Log[] | null {
  const logs: Log[] = [];
  for (const key of keys) {
    const log = counted.get(nameOfRequestKey(key));
    if (log === undefined) return null;
    logs.push({ log, key });
  }
  return logs;
}

/** Reads what an earlier process of the store has counted. */
async function load(
  deps: LimitDeps,
  { counted, loading }: Remembered,
  keys: readonly RequestKey[],
) {
  const missing = keys.filter((key) => {
    const name = nameOfRequestKey(key);
    return !counted.has(name) && !loading.has(name);
  });
  if (missing.length > 0) {
    const reading = read(missing);
    for (const key of missing) loading.set(nameOfRequestKey(key), reading);
  }
  await Promise.all(keys.map((key) => loading.get(nameOfRequestKey(key))));

  async function read(keys: readonly RequestKey[]) {
    try {
      const refs = keys.map(({ ref }) => ref);
      const entries = await deps.kv.step(systemOrigin, (tx) => inBatches(tx, refs));
      for (const [n, key] of keys.entries()) {
        const { at = 0, passed = [] } = entries[n]?.value ?? {};
        const used = passed.reduce((sum, [, count]) => sum + count, 0);
        const copied = passed.map(([until, count]): [number, number] => [until, count]);
        const log = { key, at, passed: copied, first: 0, used, isStored: true };
        counted.set(nameOfRequestKey(key), log);
      }
    } finally {
      for (const key of keys) loading.delete(nameOfRequestKey(key));
    }
  }
}

async function keepWriting(deps: LimitDeps, remembered: Remembered): Promise<void> {
  const { signal } = remembered.closing;
  do {
    await deps.timers.sleep(storedWithin, signal);
    remembered.isDirty = false; // what is counted from here on is written the next time
    try {
      await write(deps, remembered);
    } catch (error) {
      remembered.isDirty = true; // all of it stays counted in memory, and is written again
      deps.logger.warn("counts of requests could not be stored", { error });
    }
  } while (remembered.isDirty && !signal.aborted);
  remembered.writing = null;
}

/** @throws the first error, after it has stored all that can be stored */
async function write(deps: LimitDeps, remembered: Remembered): Promise<void> {
  const { counted } = remembered;
  const now = deps.clock.milliseconds();
  const unstored: Counted[] = [];
  for (const [name, log] of counted) {
    moveOn({ log, key: log.key }, now);
    if (!log.isStored) unstored.push(log);
    else if (log.used === 0 || counted.size > mostSubjects) counted.delete(name);
  }
  const errors: unknown[] = [];
  for (const logs of commitsOf(unstored)) {
    for (const log of logs) log.isStored = true;
    try {
      await deps.kv.step(systemOrigin, (tx) => {
        for (const log of logs) {
          requestCounts.writeOwn(tx, log.key.ref, storedWindow(windowOf(log), log.key));
        }
      });
    } catch (error) {
      for (const log of logs) log.isStored = false;
      errors.push(error);
    }
  }
  if (errors.length > 0) throw errors[0];
}

/** Splits counts into parts that fit into a commit each. */
function commitsOf(logs: readonly Counted[]): Counted[][] {
  const commits: Counted[][] = [];
  let last: Counted[] = [];
  let moments = Infinity;
  for (const log of logs) {
    const added = log.passed.length - log.first;
    if (last.length >= mostOfOneCommit.counts || moments + added > mostOfOneCommit.moments) {
      commits.push(last = []);
      moments = 0;
    }
    last.push(log);
    moments += added;
  }
  return commits;
}

const rememberedBy = perObject((memory: StoreMemory) => {
  const remembered: Remembered = {
    counted: new Map(),
    loading: new Map(),
    isDirty: false,
    writing: null,
    closing: new AbortController(),
  };
  memory.beforeClose(async () => {
    remembered.closing.abort();
    await remembered.writing;
  });
  return remembered;
});
