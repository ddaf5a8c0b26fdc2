import { assert, assertEquals } from "@std/assert";
import type { KvBackend } from "../../stores/engine/kv.ts";
import { openMemory } from "../../stores/engine/local_file.ts";
import { hold, keep } from "../../src/limits/hold.ts";
import { aKey, aLimiter } from "./limiter.ts";

Deno.test("a guess that is stored while the next one reads the log counts for that one", async () => {
  const store = await openMemory();
  const [sent, landing, answering] = [0, 1, 2].map(() => Promise.withResolvers<void>());
  assert(sent && landing && answering);
  let reads: (() => void) | null = null;
  const backend: KvBackend = {
    ...store,
    async commit(batch) {
      sent.resolve();
      await landing.promise;
      return await store.commit(batch);
    },
    async getMany(keys) {
      const entries = await store.getMany(keys);
      reads?.();
      if (reads !== null) await answering.promise;
      return entries;
    },
  };
  await using limiter = await aLimiter({ backend, alone: true });
  const key = await aKey({ count: 1, seconds: 60 });
  const first = await hold(limiter.deps, [key]);
  assertEquals([first.passed, first.isHeld], [true, true]);

  const kept = keep(limiter.deps, first);
  await sent.promise;
  const hasRead = new Promise<void>((resolve) => reads = resolve);
  const second = hold(limiter.deps, [key]);
  await hasRead; // what was there before the first one landed
  landing.resolve();
  await kept; // and is held no more
  answering.resolve();
  assertEquals((await second).passed, false);
  await limiter.deps.kv.close();
});
