import { perObject, type StoreMemory } from "../../stores/engine/store_memory.ts";

/** The places of guesses that are being verified at this moment, by the only process of a store. */
export interface HeldPlaces {
  count(name: string): number;
  /** When the guesses were made whose places could not be stored: epoch milliseconds, ascending. */
  unstored(name: string): readonly number[];
  /** Gives up places that could not be stored. They count here for as long as they would have counted there. */
  leaveUnstored(names: readonly string[], at: number, longest: number): void;
  /** Forgets the places of guesses that could not be stored. */
  reset(name: string): void;
  take(names: readonly string[]): void;
  /** @param wasStored whether the places are in the store from now on */
  leave(names: readonly string[], wasStored: boolean): void;
  /** Changes whenever places of these names were stored: what was read before is out of date. */
  stamp(names: readonly string[]): string;
}

/** Names of limits whose guesses could not be stored. */
const most = 10_000;
export const heldPlaces = perObject<StoreMemory, HeldPlaces>(newHeldPlaces);

function newHeldPlaces(): HeldPlaces {
  /** How many are held, and how many were stored while any was held. */
  const held = new Map<string, { count: number; stored: number }>();
  const unstored = new Map<string, { readonly times: number[]; until: number }>();
  let forgotten = 0;
  const places: HeldPlaces = {
    unstored: (name) => unstored.get(name)?.times ?? [],
    leaveUnstored(names, at, longest) {
      for (const [name, { until }] of unstored) if (until <= at) unstored.delete(name);
      for (const name of names) {
        // A store that cannot be written to must not fill the memory: then the oldest are forgiven.
        const [oldest] = unstored.keys();
        if (unstored.size >= most && oldest !== undefined) unstored.delete(oldest);
        const times = places.unstored(name).filter((one) => one > at - longest);
        unstored.delete(name); // so that it is the last one to be forgiven
        unstored.set(name, { times: [...times, at], until: at + longest });
      }
      places.leave(names, false);
    },
    reset: (name) => void unstored.delete(name),
    count: (name) => held.get(name)?.count ?? 0,
    take(names) {
      for (const name of names) {
        const one = held.get(name) ?? { count: 0, stored: 0 };
        one.count += 1;
        held.set(name, one);
      }
    },
    leave(names, wasStored) {
      for (const name of names) {
        const one = held.get(name);
        if (one === undefined) continue;
        one.count -= 1;
        if (wasStored) one.stored += 1;
        if (one.count > 0) continue;
        held.delete(name);
        if (one.stored > 0) forgotten += 1;
      }
    },
    stamp: (names) => `${forgotten} ${names.map((name) => held.get(name)?.stored ?? 0).join(" ")}`,
  };
  return places;
}
