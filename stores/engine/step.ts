import { randomId, type RandomSource } from "../../src/crypto/random.ts";
import { type Collection, isPresent, type Present } from "./collection.ts";
import { type Clock, type CommitBatch, jitter, type KvBackend, type StoreFile } from "./kv.ts";
import { retryRead, StoreUnavailable } from "./kv.ts";
import { type KeyQueue, keyQueue, type Turn } from "./key_queue.ts";
import { type Attempt, commitAttempt, markerLifetime, newAttempt, settle } from "./settle.ts";
import { id, type OpenTransaction, openTransaction, type Origin } from "./transaction.ts";
import { Refusal, systemOrigin, type Transaction } from "./transaction.ts";
import type { Timers } from "./kv.ts";
import { cacheReads } from "./read_cache.ts";
import { type StoreTrouble, tellingTrouble } from "./store_trouble.ts";
import { watchOutages } from "./outage_watch.ts";

/** The provider's memory. `step` is the only way to write. */
export interface Kv {
  /**
   * Runs a step: its function reads, checks and adds changes; what it added is committed when it
   * returns. If what it read has changed by then, it is run again from its read, so it must have no
   * effect outside of the transaction.
   *
   * @throws what the function throws, and then nothing is written; the error given to `tx.refuse`.
   *   What it had read in more than one batch is looked at again before: between two of them another
   *   process may have made true what seemed wrong.
   * @throws {StoreUnavailable} when the store can not be reached, or the deadline has passed
   */
  step<T>(origin: Origin, work: (tx: Transaction) => T | Promise<T>): Promise<T>;
  /** One page of a family's records in the order of their keys; unchecked. */
  list<T>(options: ListPage<T>): Promise<Page<T>>;
  /** One read that the store answers: for a readiness check. @throws {StoreUnavailable} */
  ping(): Promise<void>;
  /** Waits for the settling that goes on in the background, then lets go of the store. */
  close(): Promise<void>;
  /** The file in which it keeps everything; null: it has none, or another process has it. */
  readonly file: StoreFile | null;
}

export interface ListPage<T> {
  readonly collection: Collection<T>;
  /** What follows the family in the keys that are wanted. */
  readonly prefix?: readonly (string | number)[];
  /** Instead of a prefix: only keys from the first on and before the second. */
  readonly between?: readonly [readonly (string | number)[], readonly (string | number)[]];
  readonly limit: number;
  readonly cursor?: string;
  readonly reverse?: boolean;
  /** Epoch seconds; what had expired by then is left out. Now, unless a sweep wants to see it. */
  readonly asOf?: number;
}

export interface Page<T> {
  readonly entries: readonly Present<T>[];
  readonly cursor: string | null;
}

export interface KvSurroundings {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: RandomSource;
  /** Hears of what an operator may want to count. */
  readonly observer?: KvObserver;
  /** Milliseconds after which a step that keeps meeting changed records gives up. */
  readonly stepDeadline?: number;
  /** How much of a local store may be remembered; 0: nothing. A remote one is never remembered. */
  readonly cacheBytes?: number;
}

/** Each is called as it happens. */
export interface KvObserver {
  /** Surrounds each step: it runs what it is given, once, and hands on what comes of it. */
  step?<T>(run: () => Promise<T>): Promise<T>;
  /** Also where that was found out after the answer was a 503. */
  landed?(batch: CommitBatch): void;
  stepRerun?(reason: "conflict" | "waited" | "void"): void;
  outcomeUnknown?(): void;
  undelivered?(): void;
  settlingFailed?(error: Error): void;
  /** The store told of trouble that no retry mends. */
  troubled?(trouble: StoreTrouble, error: Error): void;
}

/** Makes the provider's memory out of a store. */
export function createKv(store: KvBackend, surroundings: KvSurroundings): Kv {
  const { clock, timers, random, observer = {}, stepDeadline = 10_000, cacheBytes = 0 } =
    surroundings;
  const { backend: watched, isSettling } = watchOutages(
    tellingTrouble(store, (trouble, error) => observer.troubled?.(trouble, error)),
    clock,
  );
  const backend = cacheBytes > 0 && !watched.remote
    ? cacheReads(watched, { clock, bytes: cacheBytes })
    : watched;
  const queue: KeyQueue = keyQueue();
  const closing = new AbortController();
  const background = new Set<Promise<void>>();
  /** The keys of commits that may have landed though nobody got their results. */
  const unsettled = new Set<ReadonlySet<string>>();

  return {
    file: store.file ?? null,
    step: (origin, work) => observer.step?.(() => step(origin, work)) ?? step(origin, work),
    async list({ collection, prefix = [], between, asOf = clock.seconds(), ...options }) {
      const { family } = collection;
      const selector: Deno.KvListSelector = between
        ? { start: [family, ...between[0]], end: [family, ...between[1]] }
        : { prefix: [family, ...prefix] };
      const page = await retryRead(() => backend.list(selector, options), { timers, random });
      const entries = page.entries.map((raw) =>
        collection.decode({ collection, key: raw.key }, raw, asOf)
      );
      return { entries: entries.filter(isPresent), cursor: page.cursor };
    },
    async ping() {
      await retryRead(() => watched.getMany([["ping"]]), { timers, random });
    },
    async close() {
      closing.abort();
      await Promise.all(background);
      backend.close();
    },
  };

  async function step<T>(
    origin: Origin,
    work: (tx: Transaction) => T | Promise<T>,
    isMark = false,
  ): Promise<T> {
    const deadline = clock.milliseconds() + stepDeadline;
    const isOver = () => clock.milliseconds() >= deadline;
    const getMany = (keys: Deno.KvKey[]) =>
      retryRead(() => backend.getMany(keys), { timers, random, isOver });
    let turn: Turn | null = null;
    try {
      for (let runs = 1;; runs++) {
        if (runs > 1 && isOver()) {
          throw new StoreUnavailable(`a step met changed records ${runs - 1} times`);
        }
        const tx = openTransaction({ clock, random, getMany, origin, isSettling });
        const worked = await run(() => work(tx));
        // That a record exists is thrown like any other error, and as carefully.
        const looked = runs > 1 && !worked.failed ? await run(() => tx.readUnreadCreates()) : null;
        const { answer, failed, refused } = looked?.failed ? looked : worked;
        const batch = failed ? null : tx.batch();
        if (batch === null) {
          if (!(failed || refused) || await tx.isUnchanged()) return answer();
          observer.stepRerun?.("conflict");
          continue;
        }
        // An honest retry that comes before the mark would meet a spent credential, as a thief does.
        if (!isMark && batch.checks.some(({ key }) => isUnsettled(id(key)))) {
          throw new StoreUnavailable("the outcome of an earlier commit is not known yet");
        }

        const keys = tx.contendedKeys().map(id);
        if (!turn || keys.some((key) => !turn?.keys.has(key))) {
          turn?.release();
          turn = await queue.acquire(keys);
          // Somebody else wrote one of the keys meanwhile, so what was read is surely old.
          if (turn.waited) {
            observer.stepRerun?.("waited");
            turn = { ...turn, waited: false };
            continue;
          }
        }

        const attempt = newAttempt(randomId(random), tx.now);
        const outcome = await commitAttempt(backend, attempt, batch);
        if (outcome === "landed") {
          observer.landed?.(batch);
          return answer();
        }
        if (outcome === "unknown") {
          observer.outcomeUnknown?.();
          goOnSettling(attempt, tx, batch, origin);
          throw new StoreUnavailable("the outcome of a commit is unknown");
        }
        observer.stepRerun?.(outcome);
        if (backend.remote) await timers.sleep(jitter(Math.min(2 ** runs, 64), random));
      }
    } finally {
      turn?.release();
    }
  }

  /** After a 503 whose commit may have landed: a later honest retry must not look like theft. */
  function goOnSettling(attempt: Attempt, tx: OpenTransaction, batch: CommitBatch, origin: Origin) {
    const keys = new Set(tx.undeliveredMarks.length > 0 ? tx.contendedKeys().map(id) : []);
    unsettled.add(keys);
    const settling = settleLater(attempt, tx, batch, origin)
      .catch((error) => observer.settlingFailed?.(error))
      .finally(() => {
        unsettled.delete(keys);
        background.delete(settling);
      });
    background.add(settling);
  }

  async function settleLater(
    attempt: Attempt,
    tx: OpenTransaction,
    batch: CommitBatch,
    origin: Origin,
  ) {
    // Not beyond the marker's life: without it a landed attempt would look like a void one.
    const giveUpAt = attempt.now + markerLifetime / 2;
    let landed = false;
    for (let pause = 100; !closing.signal.aborted; pause = Math.min(pause * 2, 500)) {
      if (clock.seconds() > giveUpAt) break;
      await timers.sleep(pause, closing.signal);
      if (!landed) {
        const outcome = await settle(backend, attempt);
        if (outcome === "void") return;
        if (outcome === "unknown") continue;
        landed = true;
        observer.landed?.(batch);
        observer.undelivered?.();
      }
      if (await markUndelivered(tx, origin)) return;
    }
    throw new StoreUnavailable("a commit was never settled");
  }

  async function markUndelivered(tx: OpenTransaction, origin: Origin): Promise<boolean> {
    try {
      for (const mark of tx.undeliveredMarks) {
        await step({ ...origin, actor: systemOrigin.actor ?? "system" }, mark, true);
      }
      return true;
    } catch (error) {
      if (error instanceof StoreUnavailable) return false;
      throw error;
    }
  }

  function isUnsettled(key: string): boolean {
    return [...unsettled].some((keys) => keys.has(key));
  }
}

/** What `answer` returns or throws is what the step has come to; if it writes, once that is committed. */
type Ending<T> =
  /** It threw, so that nothing is to be written. */
  | { readonly failed: true; readonly refused: false; readonly answer: () => never }
  /** It returned, or threw by `tx.refuse`, so that what it wrote is. */
  | { readonly failed: false; readonly refused: boolean; readonly answer: () => T };

/** Runs a part of a step. */
async function run<T>(work: () => T | Promise<T>): Promise<Ending<T>> {
  try {
    const result = await work();
    return { answer: () => result, failed: false, refused: false };
  } catch (thrown) {
    if (thrown instanceof StoreUnavailable) throw thrown;
    if (thrown instanceof Refusal) {
      const answer = () => {
        throw thrown.error;
      };
      return { answer, failed: false, refused: true };
    }
    const answer = () => {
      throw thrown;
    };
    return { answer, failed: true, refused: false };
  }
}
