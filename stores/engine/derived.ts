import { boundedMap } from "./bounded_map.ts";
import { sizeOfRecord } from "./sizes.ts";
import { deepFrozen } from "./frozen.ts";
import type { RawEntry } from "./raw_entry.ts";

/** Values of one kind. Each follows from records and its id, and from nothing else. */
export interface Derivation<T> {
  /** Tells them from those of other kinds. */
  readonly kind: string;
  /** Whether a value is remembered. */
  isKept(value: T): boolean;
}

/** A value, and the records that a step had read when it had derived it, as they are at this moment. */
interface Found {
  readonly value: unknown;
  readonly names: readonly string[];
  readonly raws: readonly RawEntry[];
  /** Whether the commit of a step that derives the value checks them. */
  readonly checked: readonly boolean[];
}

/** It holds versionstamps, and not the records, which the cache may drop. */
interface Kept extends Omit<Found, "raws"> {
  readonly versionstamps: readonly (string | null)[];
}

/**
 * Values that follow from records, remembered until one of these changes, expires or leaves the memory.
 * They are exact for the same reason as the read cache: what it recalls is what is stored at this moment,
 * and a versionstamp belongs to one value of one record.
 */
export interface DerivedValues {
  /** Null: there is none, or a record that it follows from is not known to be the same. */
  find(name: string): Found | null;
  keep(name: string, kept: Kept): void;
}

/** The share of a cache's size for what was derived from its records. */
const share = 1 / 16;

/** @param cacheBytes the size of the cache of the records, as estimated by `sizeOfRecord` */
export function derivedValues(
  recall: (names: readonly string[]) => readonly RawEntry[] | null,
  cacheBytes: number,
): DerivedValues {
  const values = boundedMap<Kept>(cacheBytes * share);
  return {
    find(name) {
      const kept = values.get(name);
      if (kept === undefined) return null;
      const raws = recall(kept.names);
      if (raws === null) return null;
      for (let n = 0; n < raws.length; n++) {
        if (raws[n]?.versionstamp !== kept.versionstamps[n]) return null;
      }
      return { value: kept.value, names: kept.names, raws, checked: kept.checked };
    },
    keep: (name, kept) => values.set(name, deepFrozen(kept), sizeOfRecord(name, kept)),
  };
}

/** A store, which only remembers if no other process writes to it. */
interface Remembering {
  readonly derived?: DerivedValues | undefined;
}

/** A remembered value, for a request that reads nothing else; null: there is none. */
export function derivedNow<T>(
  { derived }: Remembering,
  { kind }: Derivation<T>,
  id: string,
): T | null {
  return (derived?.find(nameIn(kind, id))?.value ?? null) as T | null; // the name tells of which kind it is
}

/** What a step has read and checks. */
interface StepReads {
  readonly seen: Map<string, RawEntry>;
  readonly checks: ReadonlyMap<string, unknown>;
  check(key: Deno.KvKey, versionstamp: string | null, name: string): void;
}

/**
 * Derives a value in a step. All that the step has read by then counts as its source, so that nothing can
 * be forgotten. The commit of a step that gets a remembered value checks what it would have checked.
 */
export async function derive<T>(
  { derived }: Remembering,
  { seen, checks, check }: StepReads,
  { kind, isKept }: Derivation<T>,
  id: string,
  work: () => Promise<T>,
): Promise<T> {
  if (derived === undefined) return await work();
  const name = nameIn(kind, id);
  const found = derived.find(name);
  if (found !== null && isAsSeen(seen, found)) {
    found.names.forEach((keyName, n) => {
      const raw = found.raws[n];
      if (raw === undefined) return;
      seen.set(keyName, raw);
      if (found.checked[n]) check(raw.key, raw.versionstamp, keyName);
    });
    return found.value as T;
  }
  const value = await work();
  if (isKept(value)) {
    const names = [...seen.keys()];
    const versionstamps = [...seen.values()].map(({ versionstamp }) => versionstamp);
    const checked = names.map((keyName) => checks.has(keyName));
    derived.keep(name, { value, names, versionstamps, checked });
  }
  return value;
}

/** A step sees one state of a record. */
function isAsSeen(seen: ReadonlyMap<string, RawEntry>, { names, raws }: Found): boolean {
  return names.every((name, n) => {
    const before = seen.get(name);
    return before === undefined || before.versionstamp === raws[n]?.versionstamp;
  });
}

function nameIn(kind: string, id: string): string {
  return `${kind} ${id}`;
}
