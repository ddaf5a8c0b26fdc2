import { packedEnd } from "./packing.ts";
import type { RawEntry } from "./raw_entry.ts";

/** What is remembered of a key, frozen. */
export class Remembered implements RawEntry {
  constructor(
    /** The key's, by `id`. */
    readonly name: string,
    readonly value: unknown,
    readonly versionstamp: string | null,
    readonly record: unknown,
    /** Epoch seconds. From then on the store may have deleted the record without notice. */
    readonly expiresAt: number,
  ) {
    Object.freeze(this);
  }

  /** Made of the name, which says the same: hardly anybody asks for it, and it would take 140 to 200 bytes. */
  get key(): Deno.KvKey {
    return JSON.parse(this.name);
  }
}

/** Every record that can expire has `expiresAt`; see collection.ts. */
export function expiresAtOf(stored: unknown): number {
  if (Array.isArray(stored)) return packedEnd(stored);
  const record = memberOf(stored, "record");
  const expiresAt = memberOf(record, "expiresAt");
  return typeof expiresAt === "number" ? expiresAt : Infinity;
}

function memberOf(value: unknown, name: string): unknown {
  if (typeof value !== "object" || value === null) return undefined;
  return Object.getOwnPropertyDescriptor(value, name)?.value;
}
