import { randomId, type RandomSource } from "../../src/crypto/random.ts";
import { type Collection, isPresent, type Present } from "./collection.ts";
import { type Clock, type CommitBatch, jitter, type KvBackend, type StoreFile } from "./kv.ts";
import { retryRead, StoreUnavailable } from "./kv.ts";
import { type KeyQueue, keyQueue, type Turn } from "./key_queue.ts";
import { backgroundSettling } from "./background_settling.ts";
import { type OpenTransaction, openTransaction } from "./open_transaction.ts";
import { commitAttempt, newAttempt } from "./settle.ts";
import { run } from "./ending.ts";
import { id, type Origin, type Transaction } from "./transaction.ts";
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
  const settling = backgroundSettling({
    backend,
    clock,
    timers,
    observer,
    mark: (origin, work) => step(origin, work, true),
  });

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
      await settling.stop();
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
    const lane: { turn: Turn | null } = { turn: null };
    try {
      for (let runs = 1;; runs++) {
        if (runs > 1 && isOver()) {
          throw new StoreUnavailable(`a step met changed records ${runs - 1} times`);
        }
        const tx = openTransaction({ clock, random, getMany, origin, isSettling });
        const exit = await once(tx, runs);
        if (exit.kind === "answered") return exit.answer();
        observer.stepRerun?.(exit.because);
        if (exit.committed && backend.remote) {
          await timers.sleep(jitter(Math.min(2 ** runs, 64), random));
        }
      }
    } finally {
      lane.turn?.release();
    }

    /** One run of the step, and what comes of it. */
    async function once(tx: OpenTransaction, runs: number): Promise<Exit<T>> {
      const worked = await run(() => work(tx));
      // That a record exists is thrown like any other error, and as carefully.
      const looked = runs > 1 && !worked.failed ? await run(() => tx.readUnreadCreates()) : null;
      const { answer, failed, refused } = looked?.failed ? looked : worked;
      const batch = failed ? null : tx.batch();
      if (batch === null) {
        if (!(failed || refused) || await tx.isUnchanged()) return { kind: "answered", answer };
        return again("conflict", false);
      }
      // Until the mark is written, a client that retries after a lost answer looks like a replay.
      if (!isMark && batch.checks.some(({ key }) => settling.isUnsettled(id(key)))) {
        throw new StoreUnavailable("the outcome of an earlier commit is not known yet");
      }
      // If another step wrote one of the keys meanwhile, what was read is surely old.
      if (await waitsFor(tx.contendedKeys().map(id))) return again("waited", false);

      const attempt = newAttempt(randomId(random), tx.now);
      const outcome = await commitAttempt(backend, attempt, batch);
      if (outcome === "landed") {
        observer.landed?.(batch);
        return { kind: "answered", answer };
      }
      if (outcome === "unknown") {
        observer.outcomeUnknown?.();
        settling.begin({ attempt, tx, batch, origin });
        throw new StoreUnavailable("the outcome of a commit is unknown");
      }
      return again(outcome, true);
    }

    /** Takes the turn at the keys, unless the step has it. @returns whether it had to wait */
    async function waitsFor(keys: readonly string[]): Promise<boolean> {
      if (lane.turn && keys.every((key) => lane.turn?.keys.has(key))) return false;
      lane.turn?.release();
      lane.turn = await queue.acquire(keys);
      return lane.turn.waited;
    }
  }
}

/** How a run of a step ends; a store that is unavailable, or does not say what it did, is thrown. */
type Exit<T> =
  /** It is done: what it wrote has landed, or it wrote nothing. */
  | { readonly kind: "answered"; readonly answer: () => T }
  /** It is run again. `committed`: the store has refused its commit. */
  | {
    readonly kind: "again";
    readonly because: "conflict" | "waited" | "void";
    readonly committed: boolean;
  };

function again(because: "conflict" | "waited" | "void", committed: boolean): Exit<never> {
  return { kind: "again", because, committed };
}
