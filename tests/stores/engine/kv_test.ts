import { assertEquals, assertRejects } from "@std/assert";
import { denoBackend } from "../../../stores/engine/deno_backend.ts";
import type { KvCheck, KvMutation } from "../../../stores/engine/kv.ts";
import { StoreLimitExceeded, StoreUnavailable } from "../../../stores/engine/store_errors.ts";
import { aStore, noted, notes, whileTimePasses } from "../../support/store.ts";
import { systemOrigin } from "../../../stores/engine/transaction.ts";

Deno.test("a readiness check succeeds or fails with the store", async () => {
  let isReachable = true;
  await using store = aStore({
    remote: true,
    fault: () => isReachable ? null : { kind: "throwBefore" },
  });
  await store.kv.ping();

  isReachable = false;

  await assertRejects(() => whileTimePasses(store.clock, store.kv.ping()), StoreUnavailable);
});

Deno.test("an error about a Deno KV size limit is not treated as an unknown outcome", async () => {
  const kv = denoBackend(await Deno.openKv(":memory:"), { remote: false });
  const set = (n: number, letters: number): KvMutation => ({
    type: "set",
    key: ["k", n],
    value: "v".repeat(letters),
  });
  const check = (n: number): KvCheck => ({ key: ["k", n], versionstamp: null });
  const tooMuch = [
    { checks: Array.from({ length: 101 }, (_, n) => check(n)), mutations: [] },
    { checks: [], mutations: Array.from({ length: 1001 }, (_, n) => set(n, 1)) },
    { checks: [], mutations: [set(1, 65_536)] },
    { checks: [], mutations: Array.from({ length: 13 }, (_, n) => set(n, 65_000)) },
    { checks: [{ key: ["k".repeat(2047)], versionstamp: null }], mutations: [] },
  ];

  for (const batch of tooMuch) await assertRejects(() => kv.commit(batch), StoreLimitExceeded);
  await assertRejects(() => kv.getMany([["k".repeat(2047)]]), StoreLimitExceeded);
  kv.close();
});

Deno.test("too many requests to the server is not reported as a StoreLimitExceeded", async () => {
  const busy = new Error("KV Connect failed to call (status=429 Too Many Requests)");
  const kv = denoBackend(
    { getMany: () => Promise.reject(busy) } as unknown as Deno.Kv,
    { remote: true },
  );

  assertEquals(await assertRejects(() => kv.getMany([["k"]])), busy);
});

Deno.test("the store keeps a record up to its end, and less than a second longer, whenever it was written", async () => {
  for (const written of [0, 1, 500, 999]) {
    await using process = aStore();
    const { clock, kv, store } = process;
    const passes = (milliseconds: number) => clock.advance(milliseconds / 1000);
    const kept = () => (store.sweep(), noted(store, "one"));
    passes(written);
    const note = { text: "hello", expiresAt: clock.seconds() + 5 };
    await kv.step(systemOrigin, (tx) => Promise.resolve(tx.add(notes.ref("one"), note)));
    passes(4999 - written);
    assertEquals(await kept(), "hello");
    passes(1001);
    assertEquals(await kept(), undefined);
  }
});

Deno.test("a store is told when it may delete a record, and a file of one without an end: in a thousand years", async () => {
  const kv = await Deno.openKv(":memory:");
  const atomic = kv.atomic.bind(kv);
  const ends: unknown[] = [];
  kv.atomic = () => {
    const operation = atomic();
    const set = operation.set.bind(operation);
    operation.set = (key, value, options) => {
      ends.push(options?.expireIn);
      return set(key, value, options);
    };
    return operation;
  };
  try {
    const mutation = { type: "set", key: ["a"], value: [1, 2] } as const;
    const mutations = [mutation, { ...mutation, key: ["b"], expireIn: 5000 }];
    for (const remote of [true, false]) {
      await denoBackend(kv, { remote }).commit({ checks: [], mutations });
    }
    assertEquals(ends, [undefined, 5000, 1000 * 365 * 86_400_000, 5000]);
  } finally {
    kv.close();
  }
});
