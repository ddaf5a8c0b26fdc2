import { assert, assertEquals } from "@std/assert";
import type { KvBackend } from "../../stores/engine/kv.ts";
import { openMemory } from "../../stores/engine/local_file.ts";
import { requestUsage, reserveRequest } from "../../src/limits/requests.ts";
import { testClock } from "../support/clock.ts";
import { aLimiter, aRequestKey, atOnce } from "./limiter.ts";

/** What each of so many subjects has used, after a restart of the process that counted them. */
async function usedAfterRestart(
  backend: KvBackend,
  { subjects, requests }: { readonly subjects: number; readonly requests: number },
) {
  const clock = testClock();
  const limit = { count: 1000, seconds: 60 };
  const [key, ...others] = await atOnce(subjects, (n) => aRequestKey(limit, `${n}`));
  assert(key !== undefined);
  const lasting = { ...backend, close: () => {} };
  const first = await aLimiter({ backend: lasting, clock, alone: true });
  for (let n = 0; n < requests; n++) {
    clock.advance(0.001);
    await reserveRequest(first.deps, [key, ...others]);
  }
  await first.deps.kv.close();
  const second = await aLimiter({ backend, clock, alone: true });
  const used = [];
  for (const one of [key, ...others]) used.push((await requestUsage(second.deps, one)).used);
  await second.deps.kv.close();
  return used;
}

Deno.test("many full counts are stored, though together they are larger than a commit may be", async () => {
  const used = await usedAfterRestart(await openMemory(), { subjects: 100, requests: 1000 });
  assertEquals(used, Array(100).fill(1000));
});

Deno.test("if one commit of counts fails, the others are stored", async () => {
  const store = await openMemory();
  let refused: string | null = null;
  const backend: KvBackend = {
    ...store,
    async commit(batch) {
      const written = batch.mutations.map(({ key }) => String(key[1]));
      refused ??= written[0] ?? null;
      if (refused !== null && written.includes(refused)) throw new Error("the disk says no");
      return await store.commit(batch);
    },
  };
  const used = await usedAfterRestart(backend, { subjects: 500, requests: 3 });
  assertEquals(used.filter((one) => one === 0).length, 200, "those of one commit");
  assertEquals(used.filter((one) => one === 3).length, 300);
});
