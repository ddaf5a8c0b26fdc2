import type { KvBackend, KvMutation } from "../../stores/engine/kv.ts";
import { asLists, asTexts } from "../../stores/engine/list_form.ts";
import type { RawEntry } from "../../stores/engine/raw_entry.ts";
import { encodeKey } from "./kv_keys.ts";
import { storedSize } from "./kv_sizes.ts";

/** What a flow costs on a store that is billed by units. */
export interface KvUnits {
  /** One for each 4 KB of a record that is read by its key, or of a list together; at least one. */
  reads: number;
  /** One for each 1 KB of a record that is written; one for a deletion. */
  writes: number;
  /** The bytes of written records that stay for more than an hour, less what they replace. */
  lasting: number;
}

/** Counts the units of a store, as if it were a remote one, or in the form of a local file. */
export function unitsOf(
  { remote = true } = {},
): { units: KvUnits; wrap: (backend: KvBackend) => KvBackend } {
  const units: KvUnits = { reads: 0, writes: 0, lasting: 0 };
  const sizes = new Map<string, number>();
  const form = remote ? asLists : asTexts;
  const sizeOf = (key: Deno.KvKey, value: unknown) =>
    encodeKey(key).length + storedSize(form.written(value));
  const read = (entries: readonly RawEntry[]) => {
    for (const { key, value } of entries) units.reads += unitsIn(sizeOf(key, value), 4096);
  };
  const written = (mutation: KvMutation) => {
    const name = encodeKey(mutation.key);
    units.lasting -= sizes.get(name) ?? 0;
    sizes.delete(name);
    if (mutation.type === "delete") return void units.writes++;
    const size = sizeOf(mutation.key, mutation.value);
    units.writes += unitsIn(size, 1024);
    if ((mutation.expireIn ?? Infinity) <= hour) return;
    units.lasting += size;
    sizes.set(name, size);
  };
  return {
    units,
    wrap: (backend) => ({
      ...backend,
      remote,
      async getMany(keys) {
        const entries = await backend.getMany(keys);
        read(entries);
        return entries;
      },
      async list(selector, options) {
        const page = await backend.list(selector, options);
        const bytes = page.entries.map(({ key, value }) => sizeOf(key, value));
        units.reads += unitsIn(bytes.reduce((sum, size) => sum + size, 0), 4096);
        return page;
      },
      async commit(batch) {
        const versionstamp = await backend.commit(batch);
        if (versionstamp !== null) batch.mutations.forEach(written);
        return versionstamp;
      },
    }),
  };
}

const hour = 3_600_000 + 1000; // milliseconds

function unitsIn(bytes: number, unit: number): number {
  return Math.max(1, Math.ceil(bytes / unit));
}
