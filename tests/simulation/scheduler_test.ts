import { assertEquals, assertRejects } from "@std/assert";
import { scheduler } from "../support/scheduler.ts";
import { orderedCrypto } from "./crypto.ts";

Deno.test("sleeps end in the order of their wake times, and each task runs until it blocks before the next one starts", async () => {
  const { timers, run } = scheduler({ start: 0 });
  const seen: string[] = [];
  const sleeper = async (name: string, milliseconds: number) => {
    await timers.sleep(milliseconds);
    seen.push(name);
    for await (const _ of new Response(name).body ?? []) seen.push(`${name} read`);
  };
  void sleeper("late", 20);
  void sleeper("early", 10);
  void sleeper("as early", 10);
  await run();
  const both = ["early", "early read", "as early", "as early read"];
  assertEquals(seen, [...both, "late", "late read"]);
});

Deno.test("a sleep of a killed process never ends, and an aborted sleep ends at once", async () => {
  const time = scheduler({ start: 0 });
  let isAlive = true;
  const seen: string[] = [];
  const over = new AbortController();
  time.timersWhile(() => isAlive).sleep(10).then(() => seen.push("mortal"));
  time.timers.sleep(1000, over.signal).then(() => seen.push("aborted"));
  time.timers.sleep(5).then(() => {
    isAlive = false;
    over.abort();
  });
  await time.run();
  assertEquals(seen, ["aborted"]);
});

Deno.test("a jump of the clock does not move the timers", async () => {
  const time = scheduler({ start: 1_000_000 });
  time.jump(-3000);
  void time.timers.sleep(1500);
  await time.run();
  assertEquals([time.clock.milliseconds(), time.clock.seconds()], [998_500, 998]);
  assertEquals(time.elapsed, 1500);
});

Deno.test("a task that never ends is abandoned", async () => {
  const time = scheduler({ start: 0, maxSteps: 100 });
  const forever = async () => {
    for (;;) await time.timers.sleep(1);
  };
  void forever();
  await assertRejects(() => time.run(), Error, "still not quiet after 100 steps");
});

Deno.test("no sleep ends while an answer of another thread is pending", async () => {
  using outside = orderedCrypto();
  const { timers, run } = scheduler({ start: 0, outside });
  const seen: string[] = [];
  const keys = async () => {
    await timers.sleep(1);
    for (const name of ["first", "second"]) {
      await crypto.subtle.generateKey({ name: "Ed25519" }, false, ["sign"]);
      seen.push(name);
    }
  };
  void keys();
  void timers.sleep(2).then(() => seen.push("sleeper"));
  await run();
  assertEquals(seen, ["first", "second", "sleeper"]);
});

Deno.test("ordered crypto gives the same results as crypto, and the original is restored afterwards", async () => {
  const text = new TextEncoder().encode("abc");
  const expected = await crypto.subtle.digest("SHA-256", text);
  {
    using _ = orderedCrypto();
    assertEquals(await crypto.subtle.digest("SHA-256", text), expected);
    assertEquals(await crypto.subtle.digest({ name: "SHA-256" }, text.buffer), expected);
  }
  assertEquals(Object.hasOwn(crypto, "subtle"), false);
});
