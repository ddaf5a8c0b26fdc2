import { assertEquals } from "@std/assert";
import { openMemory } from "../../stores/engine/local_file.ts";
import { reserveRequest } from "../../src/limits/requests.ts";
import { aLimiter, aRequestKey } from "./limiter.ts";

Deno.test("after a limit of requests was lowered, Retry-After names the moment when one passes", async () => {
  for (const alone of [true, false]) {
    const store = await openMemory();
    await using limiter = await aLimiter({ backend: store, alone });
    const usual = await aRequestKey({ count: 5, seconds: 60 });
    for (let n = 0; n < 5; n++) {
      assertEquals((await reserveRequest(limiter.deps, [usual])).passed, true);
      limiter.clock.advance(10);
    }
    // They passed after 0, 10, 20, 30 and 40 seconds. One of two is free when the fourth has left.
    const lowered = await aRequestKey({ count: 2, seconds: 60 });
    const refused = await reserveRequest(limiter.deps, [lowered]);
    assertEquals([refused.passed, refused.retryAfter], [false, 40], `alone: ${alone}`);
    limiter.clock.advance(39.999);
    assertEquals((await reserveRequest(limiter.deps, [lowered])).passed, false);
    limiter.clock.advance(0.001);
    assertEquals((await reserveRequest(limiter.deps, [lowered])).passed, true);
    await limiter.deps.kv.close();
  }
});
