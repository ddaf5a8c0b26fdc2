/** A program for a process with `--expose-gc`: prints the MiB that V8 keeps after the memory was tidied. */
import { tidyMemory } from "../../src/maintenance/tidy_memory.ts";
import { newStoreMemory } from "../../stores/engine/store_memory.ts";

const kept: unknown[] = [];
for (let round = 0; round < 30; round++) {
  for (let n = 0; n < 100_000; n++) {
    const one = { text: `text ${n}`, list: [n, n] };
    if (n % 20 === 0) kept.push(one); // grows old, and then is garbage
  }
  await new Promise((resolve) => setTimeout(resolve, 5));
}
kept.length = 0;

const memory = newStoreMemory();
const ending = new AbortController();
let times = 0;
memory.whenTidied(() => times === 1); // busy, and then quiet
await tidyMemory(memory, {
  sleep() {
    if (times++ === 5) ending.abort();
    return Promise.resolve();
  },
}, ending.signal);
console.log(Math.round(Deno.memoryUsage().heapTotal / 2 ** 20), kept.length);
