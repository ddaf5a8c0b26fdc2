import { assert, assertEquals } from "@std/assert";
import { tidyMemory } from "../../src/maintenance/tidy_memory.ts";
import { newStoreMemory } from "../../stores/engine/store_memory.ts";
import { memoryProgram } from "../support/memory_program.ts";

Deno.test("the memory is tidied every three seconds until the process ends", async () => {
  const { slept, times } = await tidyWith([false, false, false, false]);
  assertEquals([slept, times], [[3000, 3000, 3000, 3000], 4]);
});

Deno.test("garbage is collected once some ten seconds after each busy time, and not in between", async () => {
  const [busy, quiet] = [true, false];
  const first = [quiet, quiet, quiet, quiet, busy, busy, quiet, quiet, quiet, quiet];
  const second = [busy, quiet, quiet, busy, quiet, quiet, quiet, quiet];
  const { collectedAfter } = await tidyWith([...first, ...second]);
  assertEquals(collectedAfter, [9, 17]);
});

Deno.test("when a busy time is over, V8 gives back the pages that the garbage was in", async () => {
  const { printed, errors } = await memoryProgram("tidied_garbage.ts");
  const mebibytes = parseInt(printed);
  assert(mebibytes < 15, `${mebibytes} are kept ${errors}`);
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
