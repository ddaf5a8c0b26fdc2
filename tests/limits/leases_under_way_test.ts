import { assertEquals } from "@std/assert";
import type { KvBackend } from "../../stores/engine/kv.ts";
import { openMemory } from "../../stores/engine/local_file.ts";
import { reserveRequest } from "../../src/limits/requests.ts";
import type { Reservation } from "../../src/limits/reservation.ts";
import { aLimiter, aRequestKey, countPassed } from "./limiter.ts";

Deno.test("requests that come while a lease is returned do not use it too", async () => {
  const store = await openMemory();
  const sent: (() => void)[] = [];
  const backend: KvBackend = {
    ...store,
    async commit(batch) {
      await new Promise<void>((resolve) => sent.push(resolve));
      return await store.commit(batch);
    },
  };
  await using limiter = await aLimiter({ backend });
  const limit = { count: 40, seconds: 60 };
  const key = await aRequestKey(limit);
  const asked: Promise<Reservation>[] = [];
  let answered = 0;
  const settled = async () => {
    for (let turns = 0; turns < 5; turns++) await new Promise((resolve) => setTimeout(resolve));
  };
  // Two come while each commit is under way.
  for (let n = 0; n < 60; n++) {
    asked.push(reserveRequest(limiter.deps, [key]).finally(() => answered++));
    await settled();
    if (n % 2 === 1) sent.shift()?.();
    await settled();
  }
  while (answered < asked.length) {
    sent.shift()?.();
    await settled();
  }
  assertEquals(countPassed(await Promise.all(asked)), limit.count);
  await limiter.deps.kv.close();
});
