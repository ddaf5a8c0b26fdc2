import type { RandomSource } from "../../src/crypto/random.ts";
import type { Entry, Peeked, Present, Ref } from "./collection.ts";
import { type Clock, type CommitBatch, type KvBackend, kvLimits } from "./kv.ts";
import { type KvMutation, type RawEntry, StoreLimitExceeded, StoreUnavailable } from "./kv.ts";
import { parts } from "./parts.ts";

/** Who set a step off, as its audit events tell it. */
export interface Origin {
  /** The client's address, or null for what the server does by itself. */
  readonly address: string | null;
  /** Finds the log lines of the same request. */
  readonly requestId: string | null;
  /** Who acts, where it is not the person or client that the event names: `system`, `admin`. */
  readonly actor?: string;
}

export const systemOrigin: Origin = { address: null, requestId: null, actor: "system" };

export type Refs = Readonly<Record<string, Ref<unknown> | null>>;
export type Entries<R extends Refs> = {
  [Name in keyof R]: R[Name] extends Ref<infer T> ? Entry<T>
    : R[Name] extends Ref<infer T> | null ? Entry<T> | null
    : null;
};

type PeekedEntries<R extends Refs> = {
  [Name in keyof R]: R[Name] extends Ref<infer T> ? Peeked<T>
    : R[Name] extends Ref<infer T> | null ? Peeked<T> | null
    : null;
};

/**
 * Why a step may use a record that can change before its commit:
 *
 * - `only_shown`: the value is part of an answer and decides nothing that is written.
 * - `registration`: an administrator registered it; a change at the same moment counts from the next
 *   request on.
 * - `to_be_ended`: the step ends it, and an end is final, whoever comes first.
 * - `ended_by_holder`: only its holder can end it, and the holder sent this request.
 */
export type PeekReason = "only_shown" | "registration" | "to_be_ended" | "ended_by_holder";

/**
 * Collects what one step reads and writes. All of it is committed at once, on the condition that
 * everything that `read` returned is still as it was.
 */
export interface Transaction {
  /** Epoch seconds when this run of the step began. */
  readonly now: number;
  /** The same moment in milliseconds. */
  readonly milliseconds: number;
  readonly origin: Origin;
  readonly random: RandomSource;
  /**
   * One batch of up to 10 keys; a null stays null. What it found, absence too, is checked at the
   * commit. `along` is fetched in the same round trip, for a `peek` that follows.
   */
  read<R extends Refs>(refs: R, along?: readonly Ref<unknown>[]): Promise<Entries<R>>;
  /**
   * Like `read`, but unchecked, so it is for a step that writes: one that only reads uses `read`. The
   * entries that it returns are accepted by no write.
   */
  peek<R extends Refs>(refs: R, because: PeekReason): Promise<PeekedEntries<R>>;
  /** Fetches records for a `read` that follows, beside another one. It returns and checks nothing. */
  prefetch(refs: readonly (Ref<unknown> | null)[]): Promise<void>;
  /** Writes where nothing is, or something that has expired. @throws {RecordExists} here or at the commit */
  create<T>(at: Ref<T>, value: T): void;
  replace<T>(entry: Present<T>, value: T): void;
  delete(entry: Present<unknown>): void;
  /** Writes under a fresh random id, which needs no check. */
  add<T>(at: Ref<T>, value: T): void;
  /** Deletes unchecked: an end is final, whoever brings it about. */
  end(at: Ref<unknown>): void;
  /** Commits what the step has added, then throws `error`: a refusal can have consequences. */
  refuse(error: Error): never;
  /**
   * Comes before something spent is taken for stolen: shortly after an outage an honest retry looks the
   * same, until the process that spent it has marked that nobody got the results.
   *
   * @throws {StoreUnavailable}
   */
  assertSettled(): void;
  /** What to do when the step landed but its answer was a 503, so that nobody has its results. */
  ifUndelivered(mark: (tx: Transaction) => Promise<void>): void;
}

/** Two steps wanted to create one record, and this one came second. */
export class RecordExists extends Error {
  override readonly name = "RecordExists";
}

/** Thrown by `refuse` and caught by the step, so that it works from any depth. */
export class Refusal extends Error {
  constructor(readonly error: Error) {
    super(error.message);
  }
}

/** A transaction as the step that runs it sees it. */
export interface OpenTransaction extends Transaction {
  /** Looks at what `create` was asked to write without reading it first. */
  readUnreadCreates(): Promise<void>;
  /** Whether all that was read is as it was, if it came in more than one batch: one is one moment. */
  isUnchanged(): Promise<boolean>;
  /** The keys that only one step can write at a time. */
  contendedKeys(): Deno.KvKey[];
  /** Null: the step changed nothing. @throws {StoreLimitExceeded} by name */
  batch(): CommitBatch | null;
  readonly undeliveredMarks: readonly ((tx: Transaction) => Promise<void>)[];
}

export interface TransactionSurroundings {
  readonly clock: Clock;
  readonly random: RandomSource;
  readonly getMany: KvBackend["getMany"];
  readonly origin: Origin;
  /** Whether other processes may not know yet which of their commits have landed. */
  readonly isSettling: () => boolean;
}

export function openTransaction(
  { clock, random, getMany, origin, isSettling }: TransactionSurroundings,
): OpenTransaction {
  const now = clock.seconds();
  const milliseconds = clock.milliseconds();
  const checks = new Map<string, { key: Deno.KvKey; versionstamp: string | null }>();
  const seen = new Map<string, RawEntry>();
  const writes = new Map<string, { mutation: KvMutation; contended: boolean }>();
  const unreadCreates: Ref<unknown>[] = [];
  const undeliveredMarks: ((tx: Transaction) => Promise<void>)[] = [];
  let batchesRead = 0;

  const tx: OpenTransaction = {
    now,
    milliseconds,
    origin,
    random,
    undeliveredMarks,
    read: (refs, along) => load(refs, true, along),
    peek: (refs) => peek(refs),
    prefetch: async (refs) => void await load({}, false, refs.filter((ref) => ref !== null)),
    create(at, value) {
      const raw = seen.get(id(at.key));
      if (!raw) unreadCreates.push(at);
      else assertAbsent(at, raw); // its versionstamp, checked, would else let us overwrite it
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
    ifUndelivered(mark) {
      undeliveredMarks.push(mark);
    },
    async readUnreadCreates() {
      for (const at of unreadCreates) {
        batchesRead++;
        const [raw] = await getMany([at.key]);
        if (!raw) continue;
        seen.set(id(at.key), raw);
        checks.set(id(at.key), { key: at.key, versionstamp: raw.versionstamp });
        assertAbsent(at, raw);
      }
    },
    async isUnchanged() {
      if (batchesRead < 2) return true;
      // What a `create` takes to be absent has not been read, and is no reason for anything.
      const read = [...checks.values()].filter(({ key }) => seen.has(id(key)));
      const batches = await Promise.all(
        parts(read, kvLimits.keysPerRead).map((batch) => getMany(batch.map(({ key }) => key))),
      );
      return batches.flat().every((raw, n) => raw.versionstamp === read[n]?.versionstamp);
    },
    contendedKeys: () => [...writes.values()].filter((w) => w.contended).map((w) => w.mutation.key),
    batch() {
      if (writes.size === 0) return null;
      // One check is left to the marker of a remote commit.
      if (checks.size > kvLimits.checks - 1) {
        throw new StoreLimitExceeded(
          `a step checks ${checks.size} keys, ${kvLimits.checks - 1} fit`,
        );
      }
      if (writes.size > kvLimits.mutations - 1) {
        throw new StoreLimitExceeded(`a step writes ${writes.size} keys`);
      }
      return {
        checks: [...checks.values()],
        mutations: [...writes.values()].map((w) => w.mutation),
      };
    },
  };
  return tx;

  async function peek<R extends Refs>(refs: R): Promise<PeekedEntries<R>> {
    const entries = Object.entries<Entry<unknown> | null>(await load(refs, false));
    const peeked = entries.map(([name, entry]) => [
      name,
      entry && { ref: entry.ref, value: entry.value },
    ]);
    return Object.fromEntries(peeked);
  }

  async function load<R extends Refs>(
    refs: R,
    checked: boolean,
    along: readonly Ref<unknown>[] = [],
  ): Promise<Entries<R>> {
    const wanted = [...Object.values(refs), ...along].filter((ref) => ref !== null);
    const missing = [...new Map(wanted.map((ref) => [id(ref.key), ref.key]))]
      .filter(([name]) => !seen.has(name)).map(([, key]) => key);
    if (missing.length > kvLimits.keysPerRead) {
      throw new StoreLimitExceeded(`a batch reads ${missing.length} keys, 10 fit`);
    }
    if (missing.length > 0) {
      batchesRead++;
      for (const raw of await getMany(missing)) {
        // A read beside this one may have been first: a step sees one state of a record.
        if (!seen.has(id(raw.key))) seen.set(id(raw.key), raw);
      }
    }
    const entries: Record<string, Entry<unknown> | null> = {};
    for (const [name, ref] of Object.entries(refs)) {
      const raw = ref && seen.get(id(ref.key));
      entries[name] = ref && raw ? ref.collection.decode(ref, raw, now) : null;
      if (checked && raw) check(raw.key, raw.versionstamp);
    }
    return entries as Entries<R>;
  }

  function assertAbsent(at: Ref<unknown>, raw: RawEntry) {
    if (at.collection.decode(at, raw, now).value === null) return;
    throw new RecordExists(`${at.collection.family}: the record exists`);
  }

  function check(key: Deno.KvKey, versionstamp: string | null) {
    const known = checks.get(id(key));
    if (known && known.versionstamp !== versionstamp) {
      throw new Error(`${String(key[0])}: one step wrote from two readings of a record`);
    }
    checks.set(id(key), { key, versionstamp });
  }

  function set<T>(at: Ref<T>, value: T, contended: boolean) {
    const expireIn = at.collection.expireIn(value, milliseconds);
    const stored = at.collection.encode(value);
    write(
      expireIn === undefined
        ? { type: "set", key: at.key, value: stored }
        : { type: "set", key: at.key, value: stored, expireIn },
      contended,
    );
  }

  function write(mutation: KvMutation, contended: boolean) {
    writes.set(id(mutation.key), { mutation, contended });
  }
}

/** A key as a string, for maps; our keys hold strings and numbers only. */
export function id(key: Deno.KvKey): string {
  return JSON.stringify(key);
}
