import { z } from "zod";
import { deepFrozen } from "./frozen.ts";
import type { RawEntry } from "./kv.ts";

/** Where a record of type `T` is, or would be. */
export interface Ref<T> {
  readonly collection: Collection<T>;
  readonly key: Deno.KvKey;
}

/** What a read found: a record, or nothing that counts. */
export type Entry<T> = Present<T> | Absent<T>;

export interface Present<T> {
  readonly ref: Ref<T>;
  readonly value: T;
  readonly versionstamp: string;
}

/** An expired record is as absent as one that never was; its versionstamp lets another replace it. */
export interface Absent<T> {
  readonly ref: Ref<T>;
  readonly value: null;
  readonly versionstamp: string | null;
}

/**
 * A record as `peek` found it. It has no versionstamp, so no write accepts it, and neither does a function
 * whose decision must hold at the commit.
 */
export interface Peeked<T> {
  readonly ref: Ref<T>;
  readonly value: T | null;
}

/** A record that was there when `peek` looked. */
export interface PeekedPresent<T> extends Peeked<T> {
  readonly value: T;
}

/** Tells a record that was there from one that was not. */
export function wasPresent<T>(peeked: Peeked<T>): peeked is PeekedPresent<T> {
  return peeked.value !== null;
}

/** Tells a record that is there from one that is not, or not any more. */
export function isPresent<T>(entry: Entry<T>): entry is Present<T> {
  return entry.value !== null;
}

declare const fresh: unique symbol;
/** A single-use record that was read unspent: only `isFresh` makes one, and only one is consumed. */
export type Fresh<T extends Spendable> = Present<T> & { readonly [fresh]: true };
/** A record that is kept after its use, as a tombstone that names what it led to. */
export interface Spendable {
  readonly spentBy: string | null;
}
export type Unspent<T extends Spendable> = Omit<T, "spentBy">;

/** Tells a record that can be spent from its tombstone. */
export function isFresh<T extends Spendable>(entry: Present<T>): entry is Fresh<T> {
  return entry.value.spentBy === null;
}

export interface Collection<T> {
  readonly family: string;
  /** @throws {StoreLimitExceeded} never: what comes from outside is capped or digested before */
  ref(...id: readonly (string | number)[]): Ref<T>;
  /** @throws {UnreadableRecord} of a version this release does not know, or of another shape */
  decode(ref: Ref<T>, raw: RawEntry, now: number): Entry<T>;
  encode(value: T): unknown;
  /** Seconds for which an expired record is kept. */
  readonly linger: number;
  /** What an index entry leads to; null: this is no index. */
  target(key: Deno.KvKey, value: T): Ref<unknown> | null;
  /** Milliseconds until the store may reclaim the space; undefined: never. */
  expireIn(value: T, milliseconds: number): number | undefined;
}

export interface CollectionOptions<Schema extends z.ZodType> {
  readonly family: string;
  readonly version: number;
  readonly schema: Schema;
  /** How a record of version n becomes one of version n + 1. */
  readonly upgrades?: Readonly<Record<number, (value: unknown) => unknown>>;
  /**
   * While releases of two versions run side by side: the older version, which both can read, and how
   * to write it. See migrations/README.md.
   */
  readonly writes?: {
    readonly version: number;
    readonly downgrade: (value: z.infer<Schema>) => unknown;
  };
  /** Seconds for which the space is kept after `expiresAt`, where something still wants to see it. */
  readonly linger?: number;
  /** Of an index: what an entry leads to. One whose record is gone is an orphan, which cleanup takes. */
  readonly target?: (key: Deno.KvKey, value: z.infer<Schema>) => Ref<unknown>;
}

/** A record that this release cannot read: a future version, or a shape that no release wrote. */
export class UnreadableRecord extends Error {
  override readonly name = "UnreadableRecord";
}

const families = new Map<string, Collection<unknown>>();

/** Every collection that has been imported: what a sweep goes through. */
export function allCollections(): Collection<unknown>[] {
  return [...families.values()];
}

const envelope = z.object({ version: z.int().positive(), record: z.unknown() });

/** Describes a family of records: where they are, what they look like, and how old ones are read. */
export function collection<Schema extends z.ZodType>(
  options: CollectionOptions<Schema>,
): Collection<z.infer<Schema>> {
  type T = z.infer<Schema>;
  /** By what is stored: an entry that is remembered is parsed and brought up to date once. */
  const decoded = new WeakMap<object, T>();
  const { family, version, schema, upgrades = {}, writes, linger = 0 } = options;

  const self: Collection<T> = {
    family,
    linger,
    target: (key, value) => options.target?.(key, value) ?? null,
    ref: (...id) => ({ collection: self, key: [family, ...id] }),
    decode(ref, raw, now) {
      if (raw.versionstamp === null) return { ref, value: null, versionstamp: null };
      const value = remembered(raw.value);
      const expired = expiresAtOf(value) <= now;
      return { ref, value: expired ? null : value, versionstamp: raw.versionstamp } as Entry<T>;
    },
    encode: (value) =>
      writes
        ? { version: writes.version, record: writes.downgrade(value) }
        : { version, record: value },
    expireIn(value, milliseconds) {
      const expiresAt = expiresAtOf(value);
      if (expiresAt === Infinity) return undefined;
      return Math.max(1, (expiresAt + linger) * 1000 - milliseconds);
    },
  };
  // The first stays: a migration describes a family as it once was, for itself alone.
  if (!families.has(family)) families.set(family, self as unknown as Collection<unknown>);
  return self;

  function remembered(stored: unknown): T {
    const known = isObject(stored) ? decoded.get(stored) : undefined;
    if (known !== undefined) return known;
    const value = deepFrozen(read(stored));
    if (isObject(stored)) decoded.set(stored, value);
    return value;
  }

  function read(stored: unknown): T {
    const parsed = envelope.safeParse(stored);
    if (!parsed.success) throw new UnreadableRecord(`${family}: not a versioned record`);
    let { version: found, record } = parsed.data;
    if (found > version) {
      throw new UnreadableRecord(
        `${family}: version ${found} was written by a newer release; this one reads up to ${version}`,
      );
    }
    for (; found < version; found++) {
      const upgrade = upgrades[found];
      if (!upgrade) throw new UnreadableRecord(`${family}: version ${found} is no longer read`);
      record = upgrade(record);
    }
    const value = schema.safeParse(record);
    // Only the places are named: a record's values have no business in a log.
    if (!value.success) {
      const places = value.error.issues.map((issue) => issue.path.join(".")).join(", ");
      throw new UnreadableRecord(`${family}: does not fit its schema at ${places}`);
    }
    return value.data;
  }
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

function expiresAtOf(value: unknown): number {
  if (typeof value !== "object" || value === null || !("expiresAt" in value)) return Infinity;
  return typeof value.expiresAt === "number" ? value.expiresAt : Infinity;
}
