import { assert, assertEquals, assertRejects, fail } from "@std/assert";
import fc from "fast-check";
import type { KvBackend } from "../../stores/engine/kv.ts";
import { StoreUnavailable } from "../../stores/engine/store_errors.ts";
import { openMemory } from "../../stores/engine/local_file.ts";
import { requestUsage, reserveRequest } from "../../src/limits/requests.ts";
import { testClock } from "../support/clock.ts";
import { aLimiter, aRequestKey, atOnce, countPassed } from "./limiter.ts";

const limits = fc.record({
  count: fc.integer({ min: 1, max: 40 }),
  seconds: fc.integer({ min: 1, max: 30 }),
});
/** Milliseconds from one request to the next: many at once, some about a window apart. */
const gaps = fc.array(
  fc.tuple(
    fc.oneof(
      { weight: 8, arbitrary: fc.constant(0) },
      fc.integer({ min: 1, max: 400 }),
      fc.integer({ min: 900, max: 31_000 }),
    ),
    fc.integer({ min: 0, max: 2 }),
  ),
  { minLength: 1, maxLength: 120 },
);

Deno.test("the only process of a store counts requests exactly, over restarts too", async () => {
  const store = await openMemory();
  const lasting = { ...store, close: () => {} };
  let run = 0;
  await fc.assert(
    fc.asyncProperty(limits, gaps, async (limit, gaps) => {
      const clock = testClock();
      const key = await aRequestKey(limit, `run ${run++}`);
      let limiter = await aLimiter({ backend: lasting, clock, alone: true });
      const passed: number[] = [];
      for (const [gap, chance] of gaps) {
        if (gap > 0 && chance === 0) {
          await limiter.deps.kv.close();
          limiter = await aLimiter({ backend: lasting, clock, alone: true });
        }
        clock.advance(gap / 1000);
        const now = clock.milliseconds();
        const within = passed.filter((at) => at > now - limit.seconds * 1000).length;
        const reservation = await reserveRequest(limiter.deps, [key]);
        assertEquals(reservation.passed, within < limit.count);
        if (reservation.passed) passed.push(now);
        const used = Math.min(limit.count, within + 1);
        assertEquals(reservation.quotas[0]?.remaining, limit.count - used);
        assertEquals((await requestUsage(limiter.deps, key)).used, used);
      }
      await limiter.deps.kv.close();
    }),
    { numRuns: 40 },
  );
  store.close();
});

Deno.test("several processes let no more requests pass in a window than the limit", async () => {
  const backend = await openMemory();
  let run = 0;
  await fc.assert(
    fc.asyncProperty(limits, gaps, async (limit, gaps) => {
      const clock = testClock();
      const key = await aRequestKey(limit, `run ${run++}`);
      const processes = await Promise.all([0, 1, 2].map(() => aLimiter({ backend, clock })));
      const passed: number[] = [];
      for (const [gap, process] of gaps) {
        clock.advance(gap / 1000);
        const { deps } = processes[process] ?? fail();
        if ((await reserveRequest(deps, [key])).passed) passed.push(clock.milliseconds());
      }
      for (const start of passed) {
        const end = start + limit.seconds * 1000;
        assert(passed.filter((at) => at >= start && at < end).length <= limit.count);
      }
    }),
    { numRuns: 60 },
  );
  backend.close();
});

Deno.test("a limit of requests that is far from full costs no commit a request", async () => {
  const limit = { count: 1000, seconds: 60 };
  for (const [alone, most] of [[true, 0], [false, 10]] as const) {
    await using limiter = await aLimiter({ alone });
    const key = await aRequestKey(limit);
    for (let n = 0; n < 200; n++) await reserveRequest(limiter.deps, [key]);
    const commits = limiter.calls().filter((call) => call === "commit").length;
    assert(commits <= most, `${commits} commits`);
  }
});

Deno.test("a limit of a million requests a minute is counted in a small record", async () => {
  for (const alone of [true, false]) {
    await using limiter = await aLimiter({ alone });
    const key = await aRequestKey({ count: 1_000_000, seconds: 60 });
    for (let n = 0; n < 3000; n++) {
      limiter.clock.advance(0.03);
      await reserveRequest(limiter.deps, [key]);
    }
    await limiter.deps.kv.memory?.close();
    const { entries } = await limiter.backend.list({ prefix: ["request_counts"] }, { limit: 2 });
    assert(JSON.stringify(entries[0]?.value).length < 20_000);
    // 2,000 of them are within the minute. Some may have left it, and some are only leased.
    const { used } = await requestUsage(limiter.deps, key);
    assert(used >= 2000 && used <= 3000, `${used} are used`);
  }
});

Deno.test("requests that a process may let pass without asking count until their last moment", async () => {
  const backend = await openMemory();
  for (const later of [0, 4.999, 5, 6, 9]) {
    const clock = testClock();
    await using one = await aLimiter({ backend, clock });
    await using other = await aLimiter({ backend, clock });
    const key = await aRequestKey({ count: 200, seconds: 10 }, `${later} seconds later`);
    for (let n = 0; n < 40; n++) await reserveRequest(one.deps, [key]);
    clock.advance(later);
    const passed = [];
    for (let n = 0; n < 10; n++) passed.push(await reserveRequest(one.deps, [key]));
    clock.advance(9.999);
    const burst = await atOnce(300, () => reserveRequest(other.deps, [key]));
    assert(countPassed(passed) + countPassed(burst) <= 200);
  }
  backend.close();
});

Deno.test("requests that overlap commits are all counted", async () => {
  const store = await openMemory();
  const backend: KvBackend = {
    ...store,
    async commit(batch) {
      await new Promise((resolve) => setTimeout(resolve, 2));
      return await store.commit(batch);
    },
  };
  const clock = testClock();
  await using limiter = await aLimiter({ backend, clock });
  const key = await aRequestKey({ count: 1000, seconds: 60 });
  const reservations = await atOnce(1500, async (n) => {
    await new Promise((resolve) => setTimeout(resolve, n / 10));
    return await reserveRequest(limiter.deps, [key]);
  });
  assertEquals(countPassed(reservations), 1000);
  store.close();
});

Deno.test("a single process of several lets all requests of a limit pass, in any order of bursts", async () => {
  await using limiter = await aLimiter();
  const key = await aRequestKey({ count: 300, seconds: 60 });
  let passed = 0;
  for (const burst of [1, 1, 1, 5, 1, 20, 1, 1, 90, 1, 1, 1, 60, 1, 200]) {
    passed += countPassed(await atOnce(burst, () => reserveRequest(limiter.deps, [key])));
  }
  assertEquals(passed, 300);
});

Deno.test("a request that one limit refuses uses up nothing of the others", async () => {
  for (const alone of [true, false]) {
    await using limiter = await aLimiter({ alone });
    const wide = await aRequestKey({ count: 400, seconds: 60 }, "all", "wide");
    const narrow = await aRequestKey({ count: 2, seconds: 60 }, "one", "narrow");
    for (let n = 0; n < 30; n++) await reserveRequest(limiter.deps, [wide]);
    const both = await atOnce(40, () => reserveRequest(limiter.deps, [wide, narrow]));
    assertEquals(countPassed(both), 2);
    assertEquals(both.find(({ passed }) => !passed)?.quotas[0]?.name, "narrow");
    for (let n = 0; n < 40; n++) await reserveRequest(limiter.deps, [wide, narrow]);
    assertEquals(countPassed(await atOnce(400, () => reserveRequest(limiter.deps, [wide]))), 368);
  }
});

Deno.test("a refused request passes after Retry-After, but not a millisecond earlier", async () => {
  for (const alone of [true, false]) {
    await using limiter = await aLimiter({ alone });
    const key = await aRequestKey({ count: 2, seconds: 10 });
    await reserveRequest(limiter.deps, [key]);
    limiter.clock.advance(5);
    await reserveRequest(limiter.deps, [key]);
    const refused = await reserveRequest(limiter.deps, [key]);
    assertEquals([refused.passed, refused.retryAfter], [false, 5]);
    limiter.clock.advance(4.999);
    assertEquals((await reserveRequest(limiter.deps, [key])).passed, false);
    limiter.clock.advance(0.001);
    assertEquals((await reserveRequest(limiter.deps, [key])).passed, true);
  }
});

Deno.test("a killed process forgets the requests of its last moments at most", async () => {
  const store = await openMemory();
  const clock = testClock();
  const key = await aRequestKey({ count: 10, seconds: 60 });
  const backend = { ...store, close: () => {} };
  const first = await aLimiter({ backend, clock, alone: true });
  await atOnce(6, () => reserveRequest(first.deps, [key]));
  // It stores what it has counted within a second, and is killed after two more requests.
  while ((await store.list({ prefix: ["request_counts"] }, { limit: 1 })).entries.length === 0) {
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  await atOnce(2, () => reserveRequest(first.deps, [key]));
  const second = await aLimiter({ backend, clock, alone: true });
  assertEquals(countPassed(await atOnce(20, () => reserveRequest(second.deps, [key]))), 4);
  await first.deps.kv.close();
  await second.deps.kv.close();
  store.close();
});

Deno.test("if counts cannot be stored, the process still counts, and stores them later", async () => {
  const store = await openMemory();
  let isDown = false;
  const backend: KvBackend = {
    ...store,
    commit: (batch) => isDown ? Promise.reject(new Error("down")) : store.commit(batch),
    getMany: (keys) => isDown ? Promise.reject(new Error("down")) : store.getMany(keys),
  };
  await using limiter = await aLimiter({ backend, alone: true });
  const key = await aRequestKey({ count: 3, seconds: 60 });
  await reserveRequest(limiter.deps, [key]);
  isDown = true;
  assertEquals(countPassed(await atOnce(9, () => reserveRequest(limiter.deps, [key]))), 2);
  const unknown = await aRequestKey({ count: 3, seconds: 60 }, "someone else");
  await assertRejects(() => reserveRequest(limiter.deps, [unknown]), StoreUnavailable);
  isDown = false;
  assertEquals((await reserveRequest(limiter.deps, [unknown])).passed, true);
  await limiter.deps.kv.close();
});
