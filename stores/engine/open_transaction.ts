import type { RandomSource } from "../../src/crypto/random.ts";
import { attempt } from "./attempt.ts";
import { type Entry, isTombstone, type Peeked, type Ref } from "./collection.ts";
import type { Clock, CommitBatch, KvBackend, KvCheck, KvMutation } from "./kv.ts";
import type { RawEntry } from "./raw_entry.ts";
import { kvLimits, StoreLimitExceeded, StoreUnavailable } from "./store_errors.ts";
import { ascendingIds, scatteredIds } from "./ids.ts";
import { jointOf } from "./joining.ts";
import { parts } from "./batches.ts";
import {
  type Entries,
  id,
  nameOf,
  type Origin,
  type PeekedEntries,
  RecordExists,
  type Refs,
  Refusal,
  type Transaction,
} from "./transaction.ts";

/** A transaction as seen by the code that runs the step. */
export interface OpenTransaction extends Transaction {
  /** Reads the records that `create` is asked to write and that were not read before. */
  readUnreadCreates(): Promise<void>;
  /**
   * Whether all records are still as they were read. Only needed after several batches: one batch is one
   * moment.
   */
  isUnchanged(): Promise<boolean>;
  /** The names of the keys that only one step at a time can write. */
  contendedKeys(): string[];
  /** The commit; null: the step changed nothing. @throws {StoreLimitExceeded} names the limit */
  batch(): CommitBatch | null;
  readonly undeliveredMarks: readonly ((tx: Transaction) => Promise<void>)[];
}

export interface TransactionSurroundings {
  readonly clock: Clock;
  readonly random: RandomSource;
  readonly reads: Pick<KvBackend, "getMany" | "recall" | "derived">;
  readonly origin: Origin;
  /** Whether other processes may not know yet which of their commits have landed. */
  readonly isSettling: () => boolean;
  readonly isLocal: boolean;
}

export function openTransaction(
  { clock, random, reads, origin, isSettling, isLocal }: TransactionSurroundings,
): OpenTransaction {
  const { getMany, recall } = reads;
  const now = clock.seconds();
  const milliseconds = clock.milliseconds();
  const checks = new Map<string, KvCheck>();
  const seen = new Map<string, RawEntry>();
  const writes = new Map<string, { mutation: KvMutation; contended: boolean }>();
  const unreadCreates: Ref<unknown>[] = [];
  const undeliveredMarks: ((tx: Transaction) => Promise<void>)[] = [];
  let batchesRead = 0;

  return {
    now,
    milliseconds,
    origin,
    random,
    ids: isLocal ? ascendingIds(random, milliseconds) : scatteredIds(random),
    isLocal,
    undeliveredMarks,
    read: (refs, prefetched) => load(refs, true, prefetched),
    fetched: (ref) => entryOf(ref, true),
    peek: (refs) => peek(refs),
    remember: (kind, id, value) => reads.derived?.keep(kind, id, value, seen),
    prefetch: async (refs) => void await load({}, false, refs.filter((ref) => ref !== null)),
    create(at, value) {
      const raw = seen.get(id(at.key));
      if (!raw) unreadCreates.push(at);
      else assertAbsent(at, raw); // without this check, the versionstamp of a live record would allow us to overwrite it
      check(at.key, raw?.versionstamp ?? null);
      set(at, value, true);
    },
    replace(entry, value) {
      check(entry.ref.key, entry.versionstamp);
      set(entry.ref, value, true);
    },
    delete(entry) {
      check(entry.ref.key, entry.versionstamp);
      write({ type: "delete", key: entry.ref.key }, true);
    },
    add: (at, value) => set(at, value, false),
    end: (at) => write({ type: "delete", key: at.key }, false),
    refuse(error) {
      throw new Refusal(error);
    },
    assertSettled() {
      if (isSettling()) throw new StoreUnavailable("an outage is over, but not yet settled");
    },
    attempt: (part) => attempt({ writes, checks, seen, unreadCreates, undeliveredMarks }, part),
    ifUndelivered: (mark) => void undeliveredMarks.push(mark),
    async readUnreadCreates() {
      for (const at of unreadCreates) {
        batchesRead++;
        const [raw] = await getMany([at.key]);
        if (!raw) continue;
        const name = id(at.key);
        seen.set(name, raw);
        checks.set(name, { key: at.key, versionstamp: raw.versionstamp, name });
        assertAbsent(at, raw);
      }
    },
    async isUnchanged() {
      if (batchesRead < 2) return true;
      // Leave out what `create` only assumes to be absent: it was not read, so it is no reason to rerun.
      const read = [...checks.values()].filter(({ key }) => seen.has(id(key)));
      const batches = await Promise.all(
        parts(read, kvLimits.keysPerRead).map((batch) => getMany(batch.map(({ key }) => key))),
      );
      return batches.flat().every((raw, n) => raw.versionstamp === read[n]?.versionstamp);
    },
    contendedKeys: () => [...writes.keys()].filter((name) => writes.get(name)?.contended),
    batch() {
      if (writes.size === 0) return null;
      // One check is reserved for the marker of a remote commit.
      if (checks.size > kvLimits.checks - 1) {
        throw new StoreLimitExceeded(
          `a step checks ${checks.size} keys, ${kvLimits.checks - 1} fit`,
        );
      }
      if (writes.size > kvLimits.mutations - 1) {
        throw new StoreLimitExceeded(`a step writes ${writes.size} keys`);
      }
      const mutations: KvMutation[] = [];
      for (const { mutation } of writes.values()) mutations.push(mutation);
      return { checks: [...checks.values()], mutations };
    },
  };

  async function peek<R extends Refs>(refs: R): Promise<PeekedEntries<R>> {
    const entries: Record<string, Entry<unknown> | null> = await load(refs, false);
    const peeked: Record<string, Peeked<unknown> | null> = {};
    for (const name of Object.keys(entries)) {
      const entry = entries[name] ?? null;
      peeked[name] = entry && { ref: entry.ref, value: entry.value };
    }
    return peeked as PeekedEntries<R>;
  }

  // No maps and iterators, and a wait only for the store: this is a good part of what a request costs.
  async function load<R extends Refs>(
    refs: R,
    checked: boolean,
    prefetched: readonly Ref<unknown>[] = [],
  ): Promise<Entries<R>> {
    const names: string[] = [];
    const keys: Deno.KvKey[] = [];
    const members = Object.keys(refs);
    const keyNames = members.map((name) => noteMissing(refs[name], names, keys));
    for (const ref of prefetched) noteMissing(ref, names, keys);
    if (names.length > kvLimits.keysPerRead) {
      throw new StoreLimitExceeded(`a batch reads ${names.length} keys, 10 fit`);
    }
    if (names.length > 0) {
      batchesRead++;
      const found = recall?.(names) ?? await getMany(keys);
      found.forEach((raw, n) => {
        const keyName = names[n] ?? id(raw.key);
        // A concurrent read may have come first. A step sees one state of a record: keep the first.
        if (!seen.has(keyName)) seen.set(keyName, raw);
      });
    }
    const entries: Record<string, Entry<unknown> | null> = {};
    members.forEach((name, n) => {
      const ref = refs[name];
      entries[name] = ref ? entryOf(ref, checked, keyNames[n]) : null;
    });
    return entries as Entries<R>;
  }

  function noteMissing(ref: Ref<unknown> | null | undefined, names: string[], keys: Deno.KvKey[]) {
    const keyName = ref ? nameOf(ref) : "";
    if (!ref || seen.has(keyName) || names.includes(keyName)) return keyName;
    names.push(keyName);
    keys.push(ref.key);
    return keyName;
  }

  /** The entry of a record that was fetched. */
  function entryOf<T>(ref: Ref<T>, checked: boolean, keyName = nameOf(ref)): Entry<T> {
    const raw = seen.get(keyName);
    if (raw === undefined) throw new Error(`${ref.collection.family}: a record was not fetched`);
    if (checked) check(ref.key, raw.versionstamp, keyName);
    return ref.collection.decode(ref, raw, now);
  }

  function assertAbsent(at: Ref<unknown>, raw: RawEntry) {
    if (at.collection.decode(at, raw, now).value === null) return;
    throw new RecordExists(`${at.collection.family}: the record exists`);
  }

  function check(key: Deno.KvKey, versionstamp: string | null, keyName = id(key)) {
    const known = checks.get(keyName);
    if (known?.versionstamp === versionstamp) return;
    if (known) {
      throw new Error(`${String(key[0])}: a step wrote the same record from two different reads`);
    }
    checks.set(keyName, { key, versionstamp, name: keyName });
  }

  function set<T>(at: Ref<T>, record: T, contended: boolean) {
    const { key, collection } = at;
    const value = collection.encode(at, record, isLocal);
    const expireIn = collection.expireIn(record, now);
    const isRare = collection.isRarelyRead || isTombstone(record);
    const joint = isLocal && !contended && !expireIn ? jointOf(at, record) : undefined;
    write({ type: "set", key, name: id(key), value, record, isRare, expireIn, joint }, contended);
  }

  function write(mutation: KvMutation, contended: boolean) {
    writes.set(nameOf(mutation), { mutation, contended });
  }
}
