import { perObject, type StoreMemory } from "../../stores/engine/store_memory.ts";

/** The places of guesses that are being verified at this moment, by the only process of a store. */
export interface HeldPlaces {
  count(name: string): number;
  take(names: readonly string[]): void;
  /** @param wasStored whether the places are in the store from now on */
  leave(names: readonly string[], wasStored: boolean): void;
  /** Changes whenever places of these names were stored: what was read before is out of date. */
  stamp(names: readonly string[]): string;
}

export const heldPlaces = perObject<StoreMemory, HeldPlaces>(newHeldPlaces);

function newHeldPlaces(): HeldPlaces {
  /** How many are held, and how many were stored while any was held. */
  const held = new Map<string, { count: number; stored: number }>();
  let forgotten = 0;
  return {
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
}
