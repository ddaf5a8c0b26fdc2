import { assertEquals } from "@std/assert";
import { pacer } from "../../../stores/engine/pacer.ts";

Deno.test("long work pauses after 2 ms for as long as it worked, and longer while others are busy", async () => {
  let now = 1_000;
  /** By how much a pause is longer than asked, because others work. */
  let busy = 0;
  const pauses: number[] = [];
  const clock = { seconds: () => Math.floor(now / 1000), milliseconds: () => now };
  const timers = {
    sleep(milliseconds: number) {
      pauses.push(milliseconds);
      now += milliseconds + busy;
      return Promise.resolve();
    },
  };
  const giveWay = pacer({ clock, timers, stopping: new AbortController().signal });
  const work = async (milliseconds: number) => {
    now += milliseconds;
    await giveWay();
    return pauses.at(-1);
  };

  await work(1);
  assertEquals(pauses, []);
  assertEquals(await work(1), 2);
  assertEquals(await work(3), 3);

  busy = 7;
  await work(2);
  assertEquals(await work(2), 2 + 4 * 5);
  busy = 10_000;
  await work(2);
  assertEquals(await work(2), 2 + 50, "it goes on, however busy the process is");
  assertEquals(await work(20_000), 5_000, "a lease must not end meanwhile");

  busy = 0;
  await work(2);
  assertEquals(await work(2), 2, "it forgets a moment that has passed");
});
