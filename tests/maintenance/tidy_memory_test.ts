import { assertEquals } from "@std/assert";
import { tidyMemory } from "../../src/maintenance/tidy_memory.ts";
import { newStoreMemory } from "../../stores/engine/store_memory.ts";

Deno.test("the memory is tidied every three seconds until the process ends", async () => {
  const memory = newStoreMemory();
  const ending = new AbortController();
  const slept: number[] = [];
  let tidied = 0;
  memory.whenTidied(() => void (tidied++));
  const timers = {
    sleep(milliseconds: number) {
      if (slept.push(milliseconds) === 4) ending.abort();
      return Promise.resolve();
    },
  };
  await tidyMemory(memory, timers, ending.signal);
  await tidyMemory(null, timers, new AbortController().signal);
  assertEquals([slept, tidied], [[3000, 3000, 3000, 3000], 4]);
});
