import { boundedMap } from "./bounded_map.ts";
import { sizeOfRecord } from "./sizes.ts";
import { deepFrozen } from "./frozen.ts";
import type { RawEntry } from "./raw_entry.ts";

declare const value: unique symbol;
/** A kind of values. Each follows from records and its id, and from nothing else. */
export interface Derivation<T> {
  /** Tells them from those of other kinds. */
  readonly kind: string;
  readonly [value]?: T;
}

/** It holds versionstamps, and not the records, which the cache may drop. */
interface Kept {
  readonly value: unknown;
  readonly names: readonly string[];
  readonly versionstamps: readonly (string | null)[];
}

/**
 * Values that follow from records, remembered until one of these changes, expires or leaves the memory.
 * They are exact for the same reason as the read cache: what it recalls is what is stored at this moment,
 * and a versionstamp belongs to one value of one record.
 */
export interface DerivedValues {
  /** Null: there is none, or a record that it follows from is not known to be the same. */
  find<T>(kind: Derivation<T>, id: string): T | null;
  /** @param seen the records that it follows from, and perhaps others, by their keys' names */
  keep<T>(kind: Derivation<T>, id: string, value: T, seen: ReadonlyMap<string, RawEntry>): void;
  clear(): void;
}

/** @param bytes how much it may take, as estimated by `sizeOfRecord` */
export function derivedValues(
  recall: (names: readonly string[]) => readonly RawEntry[] | null,
  bytes: number,
): DerivedValues {
  const values = boundedMap<Kept>(bytes);
  return {
    find<T>({ kind }: Derivation<T>, id: string) {
      const kept = values.get(`${kind} ${id}`);
      const now = kept && recall(kept.names);
      if (!kept || !now) return null;
      const isSame = now.every(({ versionstamp }, n) => versionstamp === kept.versionstamps[n]);
      return isSame ? kept.value as T : null; // the name tells of which kind it is
    },
    keep({ kind }, id, value, seen) {
      const name = `${kind} ${id}`;
      const versionstamps = [...seen.values()].map(({ versionstamp }) => versionstamp);
      const kept = deepFrozen({ value, names: [...seen.keys()], versionstamps });
      values.set(name, kept, sizeOfRecord(name, kept));
    },
    clear: values.clear,
  };
}
