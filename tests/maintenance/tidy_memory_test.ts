import { assertEquals } from "@std/assert";
import { tidyMemory } from "../../src/maintenance/tidy_memory.ts";
import { newStoreMemory } from "../../stores/engine/store_memory.ts";

Deno.test("the memory is tidied every three seconds until the process ends", async () => {
  const { slept, times } = await tidyWith([false, false, false, false]);
  assertEquals([slept, times], [[3000, 3000, 3000, 3000], 4]);
});

Deno.test("garbage is collected each time that a busy time is over, and not in between", async () => {
  const { collectedAfter } = await tidyWith([false, true, true, false, false, true, false, false]);
  assertEquals(collectedAfter, [4, 7]);
});

/** @param busy what each tidying finds, until the process ends */
async function tidyWith(busy: readonly boolean[]) {
  const memory = newStoreMemory();
  const ending = new AbortController();
  const slept: number[] = [];
  const collectedAfter: number[] = [];
  let times = 0;
  memory.whenTidied(() => busy[times++] ?? false);
  const timers = {
    sleep(milliseconds: number) {
      if (slept.push(milliseconds) === busy.length) ending.abort();
      return Promise.resolve();
    },
  };
  const collect = () => void collectedAfter.push(times);
  await tidyMemory(memory, timers, ending.signal, collect);
  await tidyMemory(null, timers, new AbortController().signal, collect);
  return { slept, times, collectedAfter };
}
