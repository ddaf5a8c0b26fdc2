import { randomId, type RandomSource } from "../../src/crypto/random.ts";
import { type Collection, type Entry, isPresent, type Present, type Ref } from "./collection.ts";
import type { Clock, CommitBatch, KvBackend, StoreFile, Timers } from "./kv.ts";
import { jitter, retryRead } from "./retry.ts";
import { StoreUnavailable } from "./store_errors.ts";
import { type KeyQueue, keyQueue, type Turn } from "./key_queue.ts";
import { backgroundSettling } from "./background_settling.ts";
import { type OpenTransaction, openTransaction } from "./open_transaction.ts";
import { commitAttempt, newAttempt } from "./settle.ts";
import { again, type Exit, run } from "./ending.ts";
import { nameOf, type Origin, type Transaction } from "./transaction.ts";
import type { StoreMemory } from "./store_memory.ts";
import type { Derivation } from "./derived.ts";
import { cacheReads, glance } from "./read_cache.ts";
import { type StoreCall, type StoreTrouble, tellingTrouble } from "./store_trouble.ts";
import { watchOutages } from "./outage_watch.ts";

/** All state of the provider. `step` is the only way to write. */
export interface Kv {
  /**
   * Runs a step: its function reads, checks and adds changes, which are committed when it returns. If a
   * record that it read has changed by then, the function runs again, so it must have no effect outside
   * of the transaction.
   * @throws the error of the function, and then nothing is written; or the error given to `tx.refuse`. If
   *   the function read several batches, they are checked again before the error is thrown: between two
   *   batches another process may have changed what looked wrong.
   * @throws {StoreUnavailable} when the store cannot be reached, or the deadline has passed
   */
  step<T>(origin: Origin, work: (tx: Transaction) => T | Promise<T>): Promise<T>;
  /**
   * Reads records that this process remembers, as they are at this moment. Null: not all of them are
   * remembered, so a step must read them.
   */
  glance<T>(refs: readonly Ref<T>[]): readonly Entry<T>[] | null;
  /** What an earlier step has remembered, if it would find the same at this moment; else null. */
  derived<T>(kind: Derivation<T>, id: string): T | null;
  /** One page of a family's records, in key order. Unchecked. */
  list<T>(options: ListPage<T>): Promise<Page<T>>;
  /** One read that the store answers, for a readiness check. @throws {StoreUnavailable} */
  ping(): Promise<void>;
  /** Waits for the settling in the background, then closes the store. */
  close(): Promise<void>;
  /** The file that holds everything; null: the store has none, or another process has it. */
  readonly file: StoreFile | null;
  /** Null: other processes may write to the store. */
  readonly memory: StoreMemory | null;
}

export interface ListPage<T> {
  readonly collection: Collection<T>;
  /** The key parts that follow the family. */
  readonly prefix?: readonly (string | number)[];
  /** Instead of a prefix: keys from the first on, before the second. */
  readonly between?: readonly [readonly (string | number)[], readonly (string | number)[]];
  readonly limit: number;
  readonly cursor?: string;
  readonly reverse?: boolean;
  /**
   * Epoch seconds; records that had expired by then are left out. Default: now. 0: expired ones are
   * listed too.
   */
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
  /** Is told of events that an operator may want to count. */
  readonly observer?: KvObserver;
  /** Milliseconds after which a step gives up if its records keep changing. */
  readonly stepDeadline?: number;
  /** Bytes of cache for a local store; 0: no cache. A remote store is never cached. */
  readonly cacheBytes?: number;
}

/** Each method is called when the event happens. */
export interface KvObserver {
  /** Wraps each step: must call `run` once and return its result. */
  step?<T>(run: () => Promise<T>): Promise<T>;
  /** A commit landed; also called if that was found out after a 503. */
  landed?(batch: CommitBatch): void;
  stepRerun?(reason: "conflict" | "waited" | "void"): void;
  outcomeUnknown?(): void;
  undelivered?(): void;
  settlingFailed?(error: Error): void;
  /** The store reported a fault that no retry can fix. */
  troubled?(trouble: StoreTrouble, error: Error, call: StoreCall): void;
}

/** Creates the provider's Kv on a store. */
export function createKv(store: KvBackend, surroundings: KvSurroundings): Kv {
  const { clock, timers, random, observer = {}, stepDeadline = 10_000, cacheBytes = 0 } =
    surroundings;
  const { backend: watched, isSettling } = watchOutages(
    tellingTrouble(store, (...met) => observer.troubled?.(...met)),
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
    memory: backend.memory ?? null,
    step: (origin, work) => observer.step?.(() => step(origin, work)) ?? step(origin, work),
    glance: (refs) => glance(backend, refs, clock.seconds()),
    derived: (kind, id) => backend.derived?.find(kind, id) ?? null,
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
      await backend.memory?.close();
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
    const reads = {
      getMany: (keys: Deno.KvKey[]) =>
        retryRead(() => backend.getMany(keys), { timers, random, isOver }),
      recall: backend.recall,
      derived: backend.derived,
    };
    const isLocal = !backend.remote;
    const lane: { turn: Turn | null } = { turn: null };
    try {
      for (let runs = 1;; runs++) {
        if (runs > 1 && isOver()) {
          throw new StoreUnavailable(
            `a step gave up: its records changed in each of ${runs - 1} runs`,
          );
        }
        const tx = openTransaction({ clock, random, reads, origin, isSettling, isLocal });
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

    /** One run of the step, and its result. */
    async function once(tx: OpenTransaction, runs: number): Promise<Exit<T>> {
      const worked = await run(() => work(tx));
      // RecordExists is thrown like any other error, with the same second look.
      const looked = runs > 1 && !worked.failed ? await run(() => tx.readUnreadCreates()) : null;
      const { answer, failed, refused } = looked?.failed ? looked : worked;
      const batch = failed ? null : tx.batch();
      if (batch === null) {
        if (!(failed || refused) || await tx.isUnchanged()) return { kind: "answered", answer };
        return again("conflict", false);
      }
      // Until the mark is written, a client that retries after a lost answer looks like a replay.
      if (!isMark && batch.checks.some((check) => settling.isUnsettled(nameOf(check)))) {
        throw new StoreUnavailable("the outcome of an earlier commit is not known yet");
      }
      // If another step wrote one of the keys meanwhile, the records read are certainly out of date.
      if (await waitsFor(tx.contendedKeys())) return again("waited", false);

      // A local commit leaves no marker, so its attempt needs no id.
      const attempt = newAttempt(isLocal ? "" : randomId(random), tx.now);
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

    /** Waits in the queue of the keys, unless the step already holds them. @returns whether it had to wait */
    async function waitsFor(keys: readonly string[]): Promise<boolean> {
      if (keys.every((key) => lane.turn?.keys.has(key))) return false;
      lane.turn?.release();
      lane.turn = await queue.acquire(keys);
      return lane.turn.waited;
    }
  }
}
