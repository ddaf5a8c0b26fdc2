import { assert, assertEquals } from "@std/assert";
import { openMemory } from "../../stores/engine/local_file.ts";
import type { Limit } from "../../src/config/config.ts";
import { heldPlaces } from "../../src/limits/held_places.ts";
import { hold, keep } from "../../src/limits/hold.ts";
import { requestUsage, reserveRequest } from "../../src/limits/requests.ts";
import { nameOf, reserve } from "../../src/limits/reserve.ts";
import { testClock } from "../support/clock.ts";
import { aKey, aLimiter, aRequestKey, type Limiter } from "./limiter.ts";

const limit = { count: 3, seconds: 60 };

/** Each way of counting, with a subject of its own. @returns whether one more passes */
const ways: Record<string, (limiter: Limiter, limited?: Limit) => Promise<boolean>> = {
  guesses: async ({ deps }, limited = limit) =>
    (await reserve(deps, [await aKey(limited, "guesses")])).passed,
  "held guesses": async ({ deps }, limited = limit) => {
    const held = await hold(deps, [await aKey(limited, "held")]);
    if (held.passed) await keep(deps, held);
    return held.passed;
  },
  requests: async ({ deps }, limited = limit) =>
    (await reserveRequest(deps, [await aRequestKey(limited, "requests")])).passed,
};

Deno.test("after a clock that was wrong is put back, each limit counts from then on", async () => {
  for (const alone of [true, false]) {
    for (const restarted of [false, true]) {
      for (const [name, passes] of Object.entries(ways)) {
        const store = await openMemory();
        const backend = { ...store, close: () => {} };
        const clock = testClock();
        let limiter = await aLimiter({ alone, clock, backend });
        clock.advance(86_400);
        assertEquals([await passes(limiter), await passes(limiter)], [true, true]);
        if (restarted) {
          await limiter.deps.kv.close();
          limiter = await aLimiter({ alone, clock, backend });
        }
        clock.advance(-86_400);
        const passed = [];
        for (let n = 0; n < 8; n++) {
          passed.push(await passes(limiter));
          clock.advance(10); // six fit into a minute, and three of them pass
        }
        const message = `${name}, alone: ${alone}, restarted: ${restarted}`;
        assertEquals(passed, [true, true, true, false, false, false, true, true], message);
        await limiter.deps.kv.close();
        store.close();
      }
    }
  }
});

Deno.test("a clock that is a few minutes ahead lets nothing pass that others would refuse", async () => {
  for (const alone of [true, false]) {
    await using limiter = await aLimiter({ alone });
    const key = await aRequestKey(limit);
    limiter.clock.advance(299);
    for (let n = 0; n < 3; n++) await reserveRequest(limiter.deps, [key]);
    limiter.clock.advance(-299);
    assertEquals((await requestUsage(limiter.deps, key)).used, 3);
    for (const passes of Object.values(ways)) {
      limiter.clock.advance(299);
      for (let n = 0; n < 3; n++) await passes(limiter);
      limiter.clock.advance(-299);
      assertEquals(await passes(limiter), false);
      limiter.clock.advance(-2);
      assertEquals(await passes(limiter), true, "over five minutes");
    }
  }
});

Deno.test("guesses and requests that were dated before a clock was wrong still count when it is put back", async () => {
  const long = { count: 3, seconds: 2 * 86_400 };
  for (const alone of [true, false]) {
    for (const [name, passes] of Object.entries(ways)) {
      await using limiter = await aLimiter({ alone });
      const more = async () => await passes(limiter, long);
      assertEquals([await more(), await more()], [true, true]);
      limiter.clock.advance(86_400);
      assertEquals([await more(), await more()], [true, false]);
      limiter.clock.advance(-86_400 + 1);
      assertEquals([await more(), await more()], [true, false], `${name}, alone: ${alone}`);
    }
  }
});

Deno.test("the places of a lease, and of guesses that could not be stored, do not count if a wrong clock dated them", async () => {
  await using several = await aLimiter();
  const busy = await aRequestKey({ count: 1000, seconds: 60 });
  several.clock.advance(86_400);
  for (let n = 0; n < 50; n++) await reserveRequest(several.deps, [busy]);
  assert((await requestUsage(several.deps, busy)).used > 50, "it holds a lease");
  several.clock.advance(-86_400);
  assertEquals((await requestUsage(several.deps, busy)).used, 0);
  let passed = 0;
  while ((await reserveRequest(several.deps, [busy])).passed) passed++;
  assertEquals(passed, busy.limit.count);

  await using alone = await aLimiter({ alone: true });
  const key = await aKey(limit);
  const { memory } = alone.deps.kv;
  assert(memory !== null);
  alone.clock.advance(86_400);
  for (let n = 0; n < limit.count; n++) {
    heldPlaces(memory).take([nameOf(key)]);
    heldPlaces(memory).leaveUnstored([nameOf(key)], alone.clock.milliseconds(), 60_000);
  }
  assertEquals((await hold(alone.deps, [key])).passed, false);
  alone.clock.advance(-86_400);
  assertEquals((await hold(alone.deps, [key])).passed, true);
});
