/**
 * How a local file holds a record: a list of values without their names, which takes half of the bytes.
 * The list is `[version, expiresAt, ...]`; null instead of `expiresAt`: the record has no end. A store that
 * processes of several releases share holds names, which the previous release reads.
 */
export interface Packing<T> {
  /** @returns the list; null: the record has members that it would lose */
  pack(version: number, record: T, key: Deno.KvKey): unknown[] | null;
  /** The record of a list that this or an earlier release made, before it is upgraded. */
  unpack(packed: readonly unknown[], key: Deno.KvKey): unknown;
}

/** The place of each member in the list. */
export type Places<T> =
  & { readonly [Name in keyof T]-?: number }
  & (T extends { readonly expiresAt: number } ? { readonly expiresAt: 1 } : unknown);

/**
 * A packing that moves each member to its place, from 2 on; `expiresAt` has place 1. A new member gets a
 * new place: a list of an earlier release has none, and the schema's default fills it. A place that is not
 * needed any more stays unused.
 *
 * @throws {RangeError} two members have the same place, or one has a place that is not its own
 */
export function inPlaces<T extends object>(places: Places<T>): Packing<T> {
  const named = Object.entries<number>(places as Readonly<Record<string, number>>);
  assertApart(named);
  const placeOf = new Map(named);
  const unused = unusedPlaces(1 + Math.max(1, ...named.map(([, place]) => place)));
  return {
    pack(version, record, _) {
      const packed = unused.slice();
      packed[0] = version;
      // No list of pairs is made: a commit packs each of its records.
      for (const name in record) {
        const place = placeOf.get(name);
        if (place === undefined) return null;
        packed[place] = record[name];
      }
      return packed;
    },
    unpack(packed, _) {
      const record: Record<string, unknown> = {};
      for (const [name, place] of named) {
        const value = packed[place];
        if (value !== undefined) record[name] = value;
      }
      return record;
    },
  };
}

/**
 * A list to be copied. It begins with a text, because V8 keeps a list that never held anything but numbers
 * and `undefined`, or was made with a length, as one with gaps. It stores such a list as pairs of place and
 * value, which takes two bytes a place more, and twice the time.
 */
function unusedPlaces(length: number): unknown[] {
  const places: unknown[] = [""];
  while (places.length < length) places.push(undefined);
  return places;
}

/** Place 0 is that of the version, and place 1 that of `expiresAt`: `packedEnd` reads it. */
function assertApart(named: readonly (readonly [name: string, place: number])[]) {
  const taken = new Set<number>();
  for (const [name, place] of named) {
    const isAllowed = name === "expiresAt" ? place === 1 : Number.isSafeInteger(place) && place > 1;
    if (!isAllowed || taken.has(place)) {
      throw new RangeError(`${name} must have a place of its own, and not ${place}`);
    }
    taken.add(place);
  }
}

/** The end of a record in a list, in epoch seconds. */
export function packedEnd(packed: readonly unknown[]): number {
  return typeof packed[1] === "number" ? packed[1] : Infinity;
}

/** Records with the same name, which independent commits add at the same moment, may become one. */
export interface Joint {
  readonly name: string;
  readonly by: Joiner;
}

export interface Joiner {
  /** The most records in one. */
  readonly most: number;
  /** The value that holds all of these, in their order. It is stored under the key of the first. */
  join(values: readonly unknown[]): unknown;
}

/** Which added records of a collection a local file may store as one. */
export interface Joining<T> extends Joiner {
  /** The same for records that can be one; null: this one stands alone. */
  nameOf(key: Deno.KvKey, record: T): string | null;
}

/** How a local file may store an added record as one with others; undefined: it stands alone. */
export function jointOf<T>(
  { key, collection: { family, joining } }: {
    readonly key: Deno.KvKey;
    readonly collection: { readonly family: string; readonly joining?: Joining<T> | undefined };
  },
  record: T,
): Joint | undefined {
  const name = joining?.nameOf(key, record) ?? null;
  return joining && name !== null ? { name: `${family} ${name}`, by: joining } : undefined;
}

/** How Deno KV holds the list of a packed record. */
export interface ListForm {
  written(value: unknown): unknown;
  /** The value of which this is the stored form. */
  read(stored: unknown): unknown;
}

/** As it is: the previous release may read it. */
export const asLists: ListForm = { written: (value) => value, read: (stored) => stored };

/**
 * As JSON, in a text, on a local file. For each list, and for each object, V8's serializer first takes 8 KB
 * from the allocator, which costs more than all else of the value; for a text it takes nothing. What is no
 * list, is long, or is not what JSON gives back, stays as it is: builds before this release stored all so.
 */
export const asTexts: ListForm = {
  written(value) {
    if (typeof value === "string") return isJson(value) ? JSON.stringify(value) : value;
    const list = Array.isArray(value) ? marked(value) : null;
    if (list === null) return value;
    const text = JSON.stringify(list);
    return text.length > longest ? value : text;
  },
  read(stored) {
    return typeof stored === "string" && isJson(stored) ? unmarked(JSON.parse(stored)) : stored;
  },
};

/** Whether a stored text is JSON: a list, or a text that would be taken for one. */
function isJson(text: string): boolean {
  return text.startsWith("[") || text.startsWith('"');
}

/** Characters. Escapes, and characters of two bytes, must not make a value larger than the store takes. */
const longest = 8192;

/** Stands for a member that is missing, which JSON would write like one that is null. */
const missing = "~";

/** A list with its missing members marked, and so the lists in it; null: JSON would not give it back. */
function marked(list: readonly unknown[]): unknown[] | null {
  const copy = list.slice();
  for (let n = 0; n < copy.length; n++) {
    const member = copy[n];
    if (member === undefined) copy[n] = missing;
    else if (Array.isArray(member)) {
      const inner = marked(member);
      if (inner === null) return null;
      copy[n] = inner;
    } else if (member === missing || !isOfJson(member)) return null;
  }
  return copy;
}

/** Whether JSON gives a value back. A missing member of an object is left out. */
function isOfJson(value: unknown): boolean {
  switch (typeof value) {
    case "string":
    case "boolean":
    case "undefined":
      return true;
    case "number":
      return Number.isFinite(value) && !Object.is(value, -0);
    case "object":
      return value === null || isPlain(value);
    default:
      return false;
  }
}

function isPlain(value: object): boolean {
  if (Array.isArray(value)) {
    for (const member of value) if (member === undefined || !isOfJson(member)) return false;
    return true;
  }
  if (Object.getPrototypeOf(value) !== Object.prototype) return false;
  const members: Readonly<Record<string, unknown>> = { ...value };
  for (const name in members) if (!isOfJson(members[name])) return false;
  return true;
}

/** The lists in objects have no marks: `isPlain` lets no member of them be missing. */
function unmarked(value: unknown): unknown {
  if (!Array.isArray(value)) return value;
  return value.map((member) => member === missing ? undefined : unmarked(member));
}
