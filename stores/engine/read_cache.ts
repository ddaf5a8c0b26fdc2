import { boundedMap, type Pruning } from "./bounded_map.ts";
import { sizeOfRecord } from "./sizes.ts";
import type { Entry, Ref } from "./collection.ts";
import { derivedValues } from "./derived.ts";
import { deepFrozen } from "./frozen.ts";
import type { Clock, CommitBatch, KvBackend, KvMutation } from "./kv.ts";
import type { RawEntry } from "./raw_entry.ts";
import { expiresAtOf, Remembered } from "./remembered.ts";
import { newStoreMemory } from "./store_memory.ts";
import { id, nameOf } from "./transaction.ts";

export interface ReadCacheOptions {
  readonly clock: Clock;
  /** The bytes of all that is remembered, as estimated by `sizeOfRecord`. */
  readonly bytes: number;
}

type Stored = Pick<RawEntry, "value" | "versionstamp">;

/** Commits of one key that were sent and are not answered yet. */
interface Doubt {
  inFlight: number;
  /** Whether two of them were under way at the same time: then it is unknown which came last. */
  overlapped: boolean;
}

/** A read that the store has not answered yet. */
interface Read {
  /** Keys with a commit under way at some moment of the read. */
  readonly doubtful: Set<string>;
}

/**
 * A larger record is not kept, in bytes: no request reads one, and writing many of them, as sealing does,
 * would evict all others.
 */
const largest = 16_384;
/** The parts of the cache. Absent keys have their own, so that a flood of made-up tokens evicts no record. */
const shares = { present: 14 / 16, absent: 1 / 16, derived: 1 / 16 };
/** What a commit prunes: a small part of what it costs anyway, and more than most commits add. */
const pruned: Pruning = { dropped: 256, passed: 8 };
/** What is pruned when the memory is tidied, in some milliseconds. */
const prunedAtOnce: Pruning = { dropped: 5000, passed: 10_000 };
/** Batches read between two times. With fewer, reading them from the store costs nothing worth its memory. */
const fewReads = 16;

/**
 * Answers reads from memory, for a store that only this process writes to. It is exact: a batch of reads
 * is answered as the store would have answered it at some moment between the call and the answer. Every
 * write passes through `commit` here, so the last value read or written is the stored value, with two
 * exceptions:
 * - keys with a commit under way: they are read from the store until its outcome is known;
 * - expired records: the store deletes them by itself, so it is asked each time.
 * A batch comes from memory as a whole or not at all, because two halves could be of two moments. Values
 * are frozen, because many steps hold the same object. Lists always come from the store.
 * @param backend a local one: other processes write to a remote store, and this cache would not notice
 */
export function cacheReads(backend: KvBackend, { clock, bytes }: ReadCacheOptions): KvBackend {
  if (backend.remote) throw new Error("a store that other processes write to cannot be cached");
  const present = boundedMap<Remembered>(bytes * shares.present);
  const absent = boundedMap<Remembered>(bytes * shares.absent);
  const derived = backend.derived ?? derivedValues(recall, bytes * shares.derived);
  const memory = backend.memory ?? newStoreMemory();
  const doubts = new Map<string, Doubt>();
  const reads = new Set<Read>();
  let readsSince = 0;
  memory.whenTidied(tidy);

  return {
    ...backend,
    memory,
    recall,
    derived,
    async getMany(keys) {
      const names = keys.map(id);
      const remembered = recall(names);
      if (remembered !== null) return remembered;
      const read: Read = { doubtful: new Set(names.filter((name) => doubts.has(name))) };
      reads.add(read);
      try {
        const entries = await backend.getMany(keys);
        return entries.map((entry, n) => {
          const name = names[n] ?? id(entry.key);
          return read.doubtful.has(name) ? entry : remember(name, entry);
        });
      } finally {
        reads.delete(read);
      }
    },
    async commit(batch) {
      // A batch that wrote a key twice would overlap itself: then nothing of the key is kept.
      for (const mutation of batch.mutations) doubt(nameOf(mutation));
      let versionstamp: string | null = null;
      try {
        versionstamp = await backend.commit(batch);
        return versionstamp;
      } finally {
        if (versionstamp === null) forgetAll(batch);
        for (const mutation of batch.mutations) settle(nameOf(mutation), mutation, versionstamp);
        prune(pruned);
      }
    },
  };

  function recall(names: readonly string[]): RawEntry[] | null {
    readsSince++;
    const now = clock.seconds();
    const entries: RawEntry[] = [];
    for (const name of names) {
      if (doubts.has(name)) return null;
      const found = present.get(name) ?? absent.get(name);
      if (found === undefined || found.expiresAt <= now) return null;
      entries.push(found);
    }
    return entries;
  }

  /** @param record what the value encodes, if this process wrote it: kept instead. @returns it, frozen */
  function remember(name: string, { value, versionstamp }: Stored, record?: unknown): RawEntry {
    const expiresAt = expiresAtOf(value);
    // Only a list surely holds all of its record: see packing.ts.
    const one = record !== undefined && Array.isArray(value)
      ? new Remembered(name, null, versionstamp, deepFrozen(record), expiresAt)
      : new Remembered(name, deepFrozen(value), versionstamp, undefined, expiresAt);
    const size = sizeOfRecord(name, value);
    const isKept = expiresAt > clock.seconds() && size <= largest;
    const isPresent = versionstamp !== null;
    if (!isKept || isPresent) absent.delete(name);
    if (!isKept || !isPresent) present.delete(name);
    if (isKept) (isPresent ? present : absent).set(name, one, size);
    return one;
  }

  /** Expired records are of no use, and would else stay until their space is needed. */
  function prune(most: Pruning) {
    const now = clock.seconds();
    const isExpired = ({ expiresAt }: Remembered) => expiresAt <= now;
    present.prune(isExpired, most);
    absent.prune(isExpired, most);
  }

  function tidy(): boolean {
    const isBusy = readsSince >= fewReads;
    if (isBusy) prune(prunedAtOnce);
    else for (const part of [present, absent, derived]) part.clear();
    readsSince = 0;
    return isBusy;
  }

  function doubt(name: string) {
    const known = doubts.get(name);
    if (known === undefined) doubts.set(name, { inFlight: 1, overlapped: false });
    else {
      known.inFlight += 1;
      known.overlapped = true;
    }
    for (const read of reads) read.doubtful.add(name);
  }

  /** Handles the known outcome of a commit. @param versionstamp null: it wrote nothing */
  function settle(name: string, mutation: KvMutation, versionstamp: string | null) {
    const known = doubts.get(name);
    if (known === undefined) return;
    known.inFlight -= 1;
    if (known.inFlight === 0) doubts.delete(name);
    if (versionstamp === null) return;
    if (known.overlapped || (mutation.type === "set" && mutation.isRare)) return forget(name);
    if (mutation.type === "delete") remember(name, { value: null, versionstamp: null });
    else remember(name, { value: mutation.value, versionstamp }, mutation.record);
  }

  /** A check failed: the cached value that it came from is out of date. */
  function forgetAll({ checks, mutations }: CommitBatch) {
    for (const check of checks) forget(nameOf(check));
    for (const mutation of mutations) forget(nameOf(mutation));
  }

  function forget(name: string) {
    present.delete(name);
    absent.delete(name);
  }
}

/**
 * The records, if this process remembers all of them. They are of one moment, which is now.
 * @param now epoch seconds
 */
export function glance<T>(
  { recall }: Pick<KvBackend, "recall">,
  refs: readonly Ref<T>[],
  now: number,
): readonly Entry<T>[] | null {
  const remembered = recall?.(refs.map(nameOf)) ?? null;
  if (remembered === null) return null;
  const entries: Entry<T>[] = [];
  refs.forEach((ref, n) => {
    const raw = remembered[n];
    if (raw !== undefined) entries.push(ref.collection.decode(ref, raw, now));
  });
  return entries.length === refs.length ? entries : null;
}
