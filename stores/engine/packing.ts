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

/** One that gives the members of a list their names, and changes nothing else. */
export interface PlacePacking<T> extends Packing<T> {
  unpack(packed: readonly unknown[], key: Deno.KvKey): Readonly<Record<string, unknown>>;
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
export function inPlaces<T extends object>(places: Places<T>): PlacePacking<T> {
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
