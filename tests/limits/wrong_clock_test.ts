import { assertEquals } from "@std/assert";
import { openMemory } from "../../stores/engine/local_file.ts";
import { hold, keep } from "../../src/limits/hold.ts";
import { requestUsage, reserveRequest } from "../../src/limits/requests.ts";
import { reserve } from "../../src/limits/reserve.ts";
import { testClock } from "../support/clock.ts";
import { aKey, aLimiter, aRequestKey, type Limiter } from "./limiter.ts";

const limit = { count: 3, seconds: 60 };

/** Each way of counting, with a subject of its own. @returns whether one more passes */
const ways: Record<string, (limiter: Limiter) => Promise<boolean>> = {
  guesses: async ({ deps }) => (await reserve(deps, [await aKey(limit, "guesses")])).passed,
  "held guesses": async ({ deps }) => {
    const held = await hold(deps, [await aKey(limit, "held")]);
    if (held.passed) await keep(deps, held);
    return held.passed;
  },
  requests: async ({ deps }) =>
    (await reserveRequest(deps, [await aRequestKey(limit, "requests")])).passed,
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
    }
  }
});
