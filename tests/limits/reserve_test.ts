import { assert, assertEquals, assertRejects } from "@std/assert";
import fc from "fast-check";
import { StoreUnavailable } from "../../stores/engine/store_errors.ts";
import { openMemory } from "../../stores/engine/local_file.ts";
import { look, reserve } from "../../src/limits/reserve.ts";
import { aKey, aLimiter, atOnce, countPassed } from "./limiter.ts";

Deno.test("at any times of requests, no window holds more than the limit, and no request is refused early", async () => {
  const backend = await openMemory();
  const limit = fc.record({
    count: fc.integer({ min: 1, max: 5 }),
    seconds: fc.integer({ min: 1, max: 3 }),
  });
  // Milliseconds from one request to the next: many at once, some about a window apart.
  const gaps = fc.array(
    fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 400 }), fc.integer({ min: 900, max: 3100 })),
    { minLength: 1, maxLength: 40 },
  );
  let run = 0;
  await fc.assert(
    fc.asyncProperty(limit, gaps, async (limit, gaps) => {
      await using limiter = await aLimiter({ backend });
      const key = await aKey(limit, `run ${run++}`);
      const passed: number[] = [];
      for (const gap of gaps) {
        limiter.clock.advance(gap / 1000);
        const now = limiter.clock.milliseconds();
        const within = passed.filter((at) => at > now - limit.seconds * 1000).length;
        const reservation = await reserve(limiter.deps, [key]);
        assertEquals(reservation.passed, within < limit.count);
        if (reservation.passed) passed.push(now);
      }
      for (const start of passed) {
        const window = passed.filter((at) => at >= start && at < start + limit.seconds * 1000);
        assert(window.length <= limit.count);
      }
    }),
    { numRuns: 40 },
  );
  backend.close();
});

Deno.test("a refused request passes after Retry-After, but not a millisecond earlier", async () => {
  await using limiter = await aLimiter();
  const key = await aKey({ count: 2, seconds: 10 });
  await reserve(limiter.deps, [key]);
  limiter.clock.advance(4);
  await reserve(limiter.deps, [key]);
  limiter.clock.advance(1);

  const refused = await reserve(limiter.deps, [key]);
  assertEquals([refused.passed, refused.retryAfter], [false, 5]);
  limiter.clock.advance(4.999);
  assertEquals((await reserve(limiter.deps, [key])).retryAfter, 1);
  limiter.clock.advance(0.001);
  assertEquals((await reserve(limiter.deps, [key])).passed, true);
});

Deno.test("a reservation reports how many more would pass, and when one more will", async () => {
  await using limiter = await aLimiter();
  const key = await aKey({ count: 3, seconds: 60 });
  const told = async () => {
    const { quotas: [quota] } = await reserve(limiter.deps, [key]);
    return [quota?.remaining, quota?.reset];
  };
  assertEquals(await told(), [2, 60]);
  limiter.clock.advance(20.5);
  assertEquals(await told(), [1, 40]);
  assertEquals(await told(), [0, 40]);
  assertEquals(await told(), [0, 40]);
});

Deno.test("a refusal by one limit uses up nothing of the others", async () => {
  await using limiter = await aLimiter();
  const wide = await aKey({ count: 5, seconds: 60 }, "account", "wide");
  const narrow = await aKey({ count: 1, seconds: 60 }, "account and address", "narrow");

  const both = await atOnce(50, () => reserve(limiter.deps, [wide, narrow]));

  assertEquals(countPassed(both), 1);
  assertEquals(
    both.filter(({ passed }) => !passed).map(({ quotas }) => quotas[0]?.name)[0],
    "narrow",
  );
  assertEquals(countPassed(await atOnce(50, () => reserve(limiter.deps, [wide]))), 4);
});

Deno.test("a refusal and a look write nothing", async () => {
  await using limiter = await aLimiter();
  const key = await aKey({ count: 1, seconds: 60 });
  assertEquals((await look(limiter.deps, [key])).passed, true);
  assertEquals(limiter.calls(), ["read"]);
  await reserve(limiter.deps, [key]);
  assertEquals(limiter.calls(), ["read", "commit"]);
  assertEquals((await reserve(limiter.deps, [key])).passed, false);
  assertEquals((await look(limiter.deps, [key])).passed, false);
  assertEquals(limiter.calls(), ["read", "read"]);
});

Deno.test("subjects and limits are counted separately", async () => {
  await using limiter = await aLimiter();
  const limit = { count: 1, seconds: 60 };
  const keys = [
    await aKey(limit, "a"),
    await aKey(limit, "b"),
    await aKey(limit, "a", "another limit"),
  ];
  for (const key of keys) assertEquals((await reserve(limiter.deps, [key])).passed, true);
  for (const key of keys) assertEquals((await reserve(limiter.deps, [key])).passed, false);
});

Deno.test("a process with a slow clock lets no request pass that other clocks would refuse", async () => {
  const backend = await openMemory();
  await using ahead = await aLimiter({ backend });
  await using behind = await aLimiter({ backend });
  const key = await aKey({ count: 2, seconds: 10 });
  ahead.clock.advance(9);

  const passed = [];
  for (const { deps } of [ahead, behind, behind, ahead]) {
    passed.push((await reserve(deps, [key])).passed);
  }
  assertEquals(passed, [true, true, false, false]);
  behind.clock.advance(11);
  assertEquals((await reserve(behind.deps, [key])).passed, false);
  behind.clock.advance(8);
  assertEquals((await reserve(behind.deps, [key])).passed, true);
  backend.close();
});

Deno.test("a lowered limit holds at once, and places become free as requests leave the window", async () => {
  await using limiter = await aLimiter();
  await atOnce(5, async () => reserve(limiter.deps, [await aKey({ count: 5, seconds: 10 })]));
  const lower = await aKey({ count: 2, seconds: 10 });
  assertEquals((await reserve(limiter.deps, [lower])).passed, false);
  limiter.clock.advance(10);
  assertEquals(countPassed(await atOnce(5, () => reserve(limiter.deps, [lower]))), 2);
});

Deno.test("the longest log fits into a record", async () => {
  await using limiter = await aLimiter();
  const key = await aKey({ count: 1000, seconds: 86_400 });
  const passed = await atOnce(1100, async () => {
    limiter.clock.advance(0.001);
    return await reserve(limiter.deps, [key]);
  });
  assertEquals(countPassed(passed), 1000);
});

Deno.test("a log expires when its window has passed", async () => {
  await using limiter = await aLimiter();
  const key = await aKey({ count: 1, seconds: 60 });
  limiter.clock.advance(0.5);
  await reserve(limiter.deps, [key]);
  const [entry] = (await limiter.backend.list({ prefix: ["rate_limits"] }, { limit: 10 })).entries;
  const { record } = entry?.value as { record: { expiresAt: number } };
  assertEquals(record.expiresAt, limiter.clock.seconds() + 1 + 60);
});

Deno.test("if the store is unavailable, every request is refused", async () => {
  const memory = await openMemory();
  const broken = () => Promise.reject(new Error("out of reach"));
  await using unread = await aLimiter({ backend: { ...memory, getMany: broken } });
  await using unwritten = await aLimiter({ backend: { ...memory, remote: true, commit: broken } });
  const key = await aKey({ count: 10, seconds: 60 });
  await assertRejects(() => reserve(unread.deps, [key]), StoreUnavailable);
  await assertRejects(() => look(unread.deps, [key]), StoreUnavailable);
  await assertRejects(() => reserve(unwritten.deps, [key]), StoreUnavailable);
  await unwritten.deps.kv.close();
});

Deno.test("with limits switched off, everything passes without asking the store", async () => {
  await using limiter = await aLimiter({ rateLimits: false });
  const key = await aKey({ count: 1, seconds: 60 });
  assertEquals(countPassed(await atOnce(50, () => reserve(limiter.deps, [key]))), 50);
  assertEquals((await look(limiter.deps, [key])).passed, true);
  assertEquals(limiter.calls(), []);
});
