import { assert } from "@std/assert";
import { newDeps } from "../../src/boot/new_deps.ts";
import { id, systemOrigin } from "../../stores/engine/transaction.ts";
import { sizeOfRecord } from "../../stores/engine/sizes.ts";
import { memoryKv } from "../support/memory_kv.ts";
import { aProvider } from "../support/provider.ts";
import { notes } from "../support/store.ts";

Deno.test("a process estimates what it remembers at two thirds of LATCHKEY_CACHE_MB, by which it grows", async () => {
  await using provider = await aProvider({ clients: [], users: [] });
  const { deps } = provider;
  const backend = memoryKv({ clock: deps.clock });
  const config = { ...deps.config, cacheMegabytes: 3 };
  const { kv } = newDeps({ ...deps, backend, config });
  const note = { text: "x".repeat(5000) };
  const places = Array.from({ length: 1000 }, (_, n) => notes.ref(`${1000 + n}`));
  for (const place of places) await kv.step(systemOrigin, (tx) => tx.add(place, note));

  const remembered = places.filter((place) => kv.glance([place]) !== null);

  const each = sizeOfRecord(id(notes.ref("1000").key), { version: 1, record: note });
  const records = 14 / 16; // the rest is for absences and what follows from records
  const left = records * 2 * 2 ** 20 - remembered.length * each;
  assert(left >= 0 && left < each, `${remembered.length} records, ${left} bytes left`);
  await kv.close();
});
