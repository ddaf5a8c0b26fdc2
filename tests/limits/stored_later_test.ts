import { assertEquals } from "@std/assert";
import type { KvBackend, Timers } from "../../stores/engine/kv.ts";
import { openMemory } from "../../stores/engine/local_file.ts";
import { reserveRequest } from "../../src/limits/requests.ts";
import { aLimiter, aRequestKey } from "./limiter.ts";

/** Timers that wait until the test says so. */
function heldTimers() {
  const waiting: (() => void)[] = [];
  const timers: Timers = { sleep: () => new Promise((resolve) => void waiting.push(resolve)) };
  return { timers, waiting };
}

/** Lets the work that was begun go on, as far as it waits for no timer. */
async function settled() {
  for (let turns = 0; turns < 20; turns++) await new Promise((resolve) => setTimeout(resolve));
}

Deno.test("only counts that have changed are stored again", async () => {
  const store = await openMemory();
  const written: unknown[][] = [];
  const backend: KvBackend = {
    ...store,
    commit(batch) {
      written.push(batch.mutations.map(({ key }) => key));
      return store.commit(batch);
    },
  };
  await using limiter = await aLimiter({ backend, alone: true });
  const { timers, waiting } = heldTimers();
  const limit = { count: 3, seconds: 60 };
  const keys = [await aRequestKey(limit, "someone"), await aRequestKey(limit, "another")];
  for (const key of keys) {
    await reserveRequest({ ...limiter.deps, timers }, [key]);
    waiting.pop()?.();
    await settled();
  }
  assertEquals(written, keys.map(({ ref }) => [ref.key]));
  await limiter.deps.kv.close();
});

Deno.test("counts that could not be stored are stored without another request, and then nothing wakes up", async () => {
  const store = await openMemory();
  let isDown = true;
  const backend: KvBackend = {
    ...store,
    commit: (batch) => isDown ? Promise.reject(new Error("down")) : store.commit(batch),
  };
  await using limiter = await aLimiter({ backend, alone: true });
  const { timers, waiting } = heldTimers();
  const key = await aRequestKey({ count: 3, seconds: 60 });
  await reserveRequest({ ...limiter.deps, timers }, [key]);
  const stored = async () => (await store.getMany([key.ref.key]))[0]?.value !== null;

  waiting.pop()?.();
  await settled();
  assertEquals([await stored(), waiting.length], [false, 1], "it tries again");

  isDown = false;
  waiting.pop()?.();
  await settled();
  assertEquals([await stored(), waiting.length], [true, 0], "there is nothing left to do");
  await limiter.deps.kv.close();
});
