import type { z } from "zod";
import { deepFrozen } from "./frozen.ts";
import type { RawEntry } from "./raw_entry.ts";
import type { Joining } from "./joining.ts";
import type { Packing } from "./packing.ts";
import { recordReader } from "./record_reader.ts";

/** The place of a record of type `T`, whether it exists or not. */
export interface Ref<T> {
  readonly collection: Collection<T>;
  readonly key: Deno.KvKey;
  readonly name?: string; // the key by `id`, of a place that is used again and again
}

/** The result of a read: a record, or none that is live. */
export type Entry<T> = Present<T> | Absent<T>;

export interface Present<T> {
  readonly ref: Ref<T>;
  readonly value: T;
  readonly versionstamp: string;
}

/** No live record. An expired record is absent too; its versionstamp allows another record to replace it. */
export interface Absent<T> {
  readonly ref: Ref<T>;
  readonly value: null;
  readonly versionstamp: string | null;
}

/**
 * A record as `peek` found it. It has no versionstamp: functions that write, or whose decision must still
 * hold at the commit, do not accept it.
 */
export interface Peeked<T> {
  readonly ref: Ref<T>;
  readonly value: T | null;
}

/** A record that existed when `peek` looked. */
export interface PeekedPresent<T> extends Peeked<T> {
  readonly value: T;
}

/** Whether the peeked record existed. */
export function wasPresent<T>(peeked: Peeked<T>): peeked is PeekedPresent<T> {
  return peeked.value !== null;
}

/** Whether the record exists and has not expired. */
export function isPresent<T>(entry: Entry<T>): entry is Present<T> {
  return entry.value !== null;
}

declare const fresh: unique symbol;
/**
 * A single-use record that was unspent when it was read. Only `isFresh` makes this type, and only this
 * type can be consumed.
 */
export type Fresh<T extends Spendable> = Present<T> & { readonly [fresh]: true };
/** A record that is kept after its use, as a tombstone that names its result. */
export interface Spendable {
  readonly spentBy: string | null;
}
export type Unspent<T extends Spendable> = Omit<T, "spentBy">;

/** Whether the record is unspent (true) or a tombstone (false). */
export function isFresh<T extends Spendable>(entry: Present<T>): entry is Fresh<T> {
  return entry.value.spentBy === null;
}

/** Whether a record of any collection is a tombstone: only who uses something twice asks for it. */
export function isTombstone(record: unknown): boolean {
  return isObject(record) && "spentBy" in record && record.spentBy !== null;
}

export interface Collection<T> {
  readonly family: string;
  /** Never throws StoreLimitExceeded: input from outside is capped or digested before it becomes a key. */
  ref(...id: readonly (string | number)[]): Ref<T>;
  /** @throws {UnreadableRecord} if this release does not know the record's version, or its shape is wrong */
  decode(ref: Ref<T>, raw: RawEntry, now: number): Entry<T>;
  /** @param isLocal whether a local file is to hold it, which no other release reads at the same time */
  encode(at: Ref<T>, value: T, isLocal: boolean): unknown;
  /** Seconds for which an expired record is kept. */
  readonly linger: number;
  /** Whether hardly any request reads what was written: then no process remembers it. */
  readonly isRarelyRead: boolean;
  readonly joining?: Joining<T> | undefined;
  /**
   * Milliseconds until the store may delete the record; undefined: never. They are whole seconds, so that
   * records of one lifetime in one commit have one end. The store has an index of ends, of which each
   * further one would change another page.
   */
  expireIn(value: T, now: number): number | undefined;
}

export interface CollectionOptions<Schema extends z.ZodType> {
  readonly family: string;
  readonly version: number;
  readonly schema: Schema;
  /** How a record of version n becomes one of version n + 1. */
  readonly upgrades?: Readonly<Record<number, (value: unknown) => unknown>>;
  /**
   * While two releases run side by side: the older version, which both can read, and the function that
   * writes it. See migrations/README.md.
   */
  readonly writes?: {
    readonly version: number;
    readonly downgrade: (value: z.infer<Schema>) => unknown;
  };
  /** Seconds for which the record is kept after `expiresAt`, for code that still needs to see it. */
  readonly linger?: number;
  /** Default: no. */
  readonly isRarelyRead?: boolean;
  /** How a local file holds a record; absent: with the names of its members. */
  readonly packing?: Packing<z.infer<Schema>>;
  /** Which added records a local file may store as one. It needs `isRarelyRead`. */
  readonly joining?: Joining<z.infer<Schema>>;
  /**
   * For an index: the record that an entry points to. Only migrations of earlier releases have it, and
   * nothing reads it: an entry is deleted in the commit that deletes its record, or has the same end.
   */
  readonly target?: (key: Deno.KvKey, value: z.infer<Schema>) => Ref<unknown>;
}

/** Describes a family of records: their keys, their shape, and how older versions are read. */
export function collection<Schema extends z.ZodType>(
  options: CollectionOptions<Schema>,
): Collection<z.infer<Schema>> {
  type T = z.infer<Schema>;
  /** Keyed by the stored object: a cached entry is parsed and upgraded only once. */
  const decoded = new WeakMap<object, T>();
  const {
    family,
    version,
    writes,
    linger = 0,
    isRarelyRead = false,
    packing,
    joining,
  } = options;
  const read = recordReader(options);
  // The cache would remember it under a key that was not written, or without those that share its record.
  if (joining && !isRarelyRead) throw new RangeError(`${family}: what is joined is rarely read`);

  const self: Collection<T> = {
    family,
    linger,
    isRarelyRead,
    joining,
    ref: (...id) => ({ collection: self, key: keyOf(family, id) }),
    decode(ref, raw, now) {
      if (raw.versionstamp === null) return { ref, value: null, versionstamp: null };
      const value = remembered(raw);
      const expired = expiresAtOf(value) <= now;
      return { ref, value: expired ? null : value, versionstamp: raw.versionstamp } as Entry<T>;
    },
    encode(at, value, isLocal) {
      const packed = isLocal ? packing?.pack(version, value, at.key) ?? null : null;
      if (packed !== null) {
        // The cache keeps the record, unless nobody reads it soon.
        if (!isRarelyRead) deepFrozen(value);
        return packed;
      }
      return writes
        ? { version: writes.version, record: writes.downgrade(value) }
        : { version, record: value };
    },
    expireIn(value, now) {
      const expiresAt = expiresAtOf(value);
      if (expiresAt === Infinity) return undefined;
      return Math.max(1, expiresAt + linger - now) * 1000;
    },
  };
  return self;

  function remembered(raw: RawEntry): T {
    const { value: stored, record } = raw;
    if (record !== undefined) return record as T; // it was written to a place of this collection
    const known = isObject(stored) ? decoded.get(stored) : undefined;
    if (known !== undefined) return known;
    const value = deepFrozen(read(raw.key, stored)); // a remembered entry makes its key anew each time
    if (isObject(stored)) decoded.set(stored, value);
    return value;
  }
}

/** V8 gives a list that is spread room for 17 members, and the cache keeps keys: most have one part. */
function keyOf(family: string, id: readonly (string | number)[]): Deno.KvKey {
  const [part] = id;
  return part !== undefined && id.length === 1 ? [family, part] : [family, ...id];
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

function expiresAtOf(value: unknown): number {
  if (typeof value !== "object" || value === null || !("expiresAt" in value)) return Infinity;
  return typeof value.expiresAt === "number" ? value.expiresAt : Infinity;
}
