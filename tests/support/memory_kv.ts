import type { Clock, CommitBatch, KvBackend, KvMutation } from "../../stores/engine/kv.ts";
import type { RawEntry } from "../../stores/engine/raw_entry.ts";
import { StoreLimitExceeded } from "../../stores/engine/store_errors.ts";
import { encodeKey } from "./kv_keys.ts";
import { storedSize } from "./kv_sizes.ts";

/** A store of our own that a simulation can hold in its hand: all that happens in it is in the order of the calls. */
export interface MemoryKv extends KvBackend {
  /** Reclaims what has expired, as the real one does within a minute: until then it is still read. */
  sweep(): void;
  /** How many commits were stored. */
  readonly commits: number;
}

interface Stored {
  readonly key: Deno.KvKey;
  readonly value: unknown;
  /** Whether nobody can change the value, so that all readers may have this one. */
  readonly isShared: boolean;
  readonly versionstamp: string;
  readonly sweptFrom: number;
}

/** The limits of KV, in bytes of its own encoding. */
const limits = { key: 2048, value: 65_536, commit: 819_200, mutations: 1000, keysPerRead: 10 };

/**
 * Opens an empty store that answers as `denoBackend` does, limits and their messages included.
 *
 * @param remote as a stock KV Connect server, which takes 10 checks and not 100
 */
export function memoryKv(
  { clock, remote = false }: { clock: Clock; remote?: boolean },
): MemoryKv {
  const records = new Map<string, Stored>();
  /** The encoded keys in their order, made anew when it is asked for after a change. */
  let order: string[] | null = null;
  let commits = 0;
  let closed = false;

  return {
    remote,
    get commits() {
      return commits;
    },
    // deno-lint-ignore require-await -- a refusal has to be a rejection
    async getMany(keys) {
      assertOpen();
      if (keys.length > limits.keysPerRead) {
        throw new StoreLimitExceeded("Too many ranges (max 10)");
      }
      return keys.map((key) => {
        const name = encodeKey(key);
        assertKeySize(name, "read");
        const stored = records.get(name);
        return stored ? entryOf(stored) : { key, value: null, versionstamp: null };
      });
    },
    // deno-lint-ignore require-await
    async list(selector, { limit, cursor, reverse = false }) {
      assertOpen();
      if (limit < 1) throw new Error("Limit must be positive");
      let { first, beyond } = rangeOf(selector);
      if (cursor !== undefined && reverse) beyond = fromCursor(cursor);
      else if (cursor !== undefined) first = `${fromCursor(cursor)}\0`;

      order ??= [...records.keys()].sort();
      const within = order.slice(placeOf(order, first), placeOf(order, beyond));
      const names = (reverse ? within.reverse() : within).slice(0, limit);
      const last = names.at(-1);
      return {
        entries: names.map((name) => records.get(name)).filter((s) => s !== undefined).map(entryOf),
        cursor: last !== undefined && names.length === limit ? toCursor(last) : null,
      };
    },
    // deno-lint-ignore require-await
    async commit(batch) {
      assertOpen();
      const changes = prepared(batch, remote);
      for (const { key, versionstamp } of batch.checks) {
        if ((records.get(encodeKey(key))?.versionstamp ?? null) !== versionstamp) return null;
      }
      const versionstamp = `${(++commits).toString(16).padStart(16, "0")}0000`;
      const now = clock.milliseconds();
      for (const { name, mutation } of changes) {
        if (mutation.type === "delete") records.delete(name);
        else {
          const { key, value, expireIn = Infinity } = mutation;
          const isShared = isFrozen(value);
          records.set(name, { key, value, isShared, versionstamp, sweptFrom: now + expireIn });
        }
      }
      if (changes.length > 0) order = null;
      return versionstamp;
    },
    sweep() {
      for (const [name, { sweptFrom }] of records) {
        if (sweptFrom <= clock.milliseconds()) records.delete(name);
      }
      order = null;
    },
    close() {
      closed = true;
    },
  };

  function assertOpen() {
    if (closed) throw new Deno.errors.BadResource("Bad resource ID");
  }
}

/** Readers share a value, for then a collection decodes it once and not at each read. */
function entryOf({ key, value, isShared, versionstamp }: Stored): RawEntry {
  return { key: [...key], value: isShared ? value : structuredClone(value), versionstamp };
}

/** Like `structuredClone`, but frozen, and much faster for plain values such as records. */
function frozenCopy(value: unknown): unknown {
  if (typeof value !== "object" || value === null) {
    return typeof value === "function" || typeof value === "symbol"
      ? structuredClone(value)
      : value;
  }
  if (Array.isArray(value) && value.length === Object.keys(value).length) {
    return Object.freeze(value.map(frozenCopy));
  }
  if (Object.getPrototypeOf(value) !== Object.prototype) return structuredClone(value);
  const copy: Record<string, unknown> = {};
  for (const name in value) copy[name] = frozenCopy((value as Record<string, unknown>)[name]);
  return Object.freeze(copy);
}

/** False for one that holds bytes, for these cannot be frozen. */
function isFrozen(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return true;
  return Object.isFrozen(value) && Object.values(value).every(isFrozen);
}

interface Change {
  readonly name: string;
  readonly mutation: KvMutation;
}

/** @throws {StoreLimitExceeded} before anything is stored */
function prepared({ checks, mutations }: CommitBatch, remote: boolean): Change[] {
  if (remote && checks.length > 10) {
    throw new StoreLimitExceeded(
      "KV Connect failed to call 'http://kv.test/v2/atomic_write' (status=400 Bad Request): " +
        "Too many checks included in atomic write.",
    );
  }
  if (checks.length > 100) throw new StoreLimitExceeded("Too many checks (max 100)");
  if (mutations.length > limits.mutations) {
    throw new StoreLimitExceeded("Too many mutations (max 1000)");
  }
  let total = 0;
  for (const { key } of checks) total += writtenKey(key).length;
  const changes = mutations.map((mutation): Change => {
    const name = writtenKey(mutation.key);
    total += 2 * name.length; // the real one counts a mutation's key twice
    if (mutation.type === "delete") return { name, mutation };
    return { name, mutation: { ...mutation, value: frozenCopy(mutation.value) } };
  });
  for (const { mutation } of changes) {
    const size = mutation.type === "set" ? storedSize(mutation.value) : 0;
    if (size > limits.value) throw new StoreLimitExceeded("Value too large (max 65536 bytes)");
    total += size;
  }
  if (total > limits.commit) {
    throw new StoreLimitExceeded("Total mutation size too large (max 819200 bytes)");
  }
  return changes;
}

function writtenKey(key: Deno.KvKey): string {
  if (key.length === 0) throw new TypeError("key cannot be empty");
  const name = encodeKey(key);
  assertKeySize(name, "write");
  return name;
}

function assertKeySize(name: string, use: "read" | "write") {
  if (name.length <= limits.key) return;
  throw new StoreLimitExceeded(
    `Key too large for ${use} (max ${use === "read" ? 2049 : 2048} bytes)`,
  );
}

/** The encoded keys from `first` to before `beyond`. */
function rangeOf(selector: Deno.KvListSelector): { first: string; beyond: string } {
  if (!("prefix" in selector)) {
    const range = { first: encodeKey(selector.start), beyond: encodeKey(selector.end) };
    if (range.first > range.beyond) throw new TypeError("Start key is greater than end key");
    return range;
  }
  const prefix = encodeKey(selector.prefix);
  const bound = (side: "Start" | "End", key: Deno.KvKey) => {
    const name = encodeKey(key);
    if (name.startsWith(prefix) && name !== prefix) return name;
    throw new TypeError(`${side} key is not in the keyspace defined by prefix`);
  };
  return {
    first: "start" in selector ? bound("Start", selector.start) : `${prefix}\0`,
    beyond: "end" in selector ? bound("End", selector.end) : `${prefix}\xff`,
  };
}

/** How many of the ordered names come before `name`. */
function placeOf(ordered: readonly string[], name: string): number {
  let [from, to] = [0, ordered.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    if ((ordered[middle] ?? "") < name) from = middle + 1;
    else to = middle;
  }
  return from;
}

function toCursor(name: string): string {
  return btoa(name);
}

function fromCursor(cursor: string): string {
  try {
    return atob(cursor);
  } catch {
    throw new TypeError("invalid cursor");
  }
}
