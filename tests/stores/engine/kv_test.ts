import { assertEquals, assertRejects } from "@std/assert";
import { denoBackend } from "../../../stores/engine/deno_backend.ts";
import {
  jitter,
  type KvCheck,
  type KvMutation,
  retryRead,
  StoreLimitExceeded,
  StoreUnavailable,
} from "../../../stores/engine/kv.ts";
import { testClock } from "../../support/clock.ts";
import { seededRandom } from "../../support/random.ts";
import { aStore, noted, notes, whileTimePasses } from "../../support/store.ts";
import { systemOrigin } from "../../../stores/engine/transaction.ts";

Deno.test("a failed read is tried again up to 6 times, with full jitter up to 2 to 64 ms", async () => {
  const unreachable = new Error("unreachable");
  let reads = 0;
  const read = () => (reads++, Promise.reject(unreachable));
  const waitsAt = async (byte: number) => {
    const waits: number[] = [];
    const timers = { sleep: (wait: number) => (waits.push(wait), Promise.resolve()) };
    const random = { bytes: (length: number) => new Uint8Array(length).fill(byte) };
    const error = await assertRejects(() => retryRead(read, { timers, random }), StoreUnavailable);
    assertEquals(error.cause, unreachable);
    return waits;
  };

  assertEquals(await waitsAt(255), [2, 4, 8, 16, 32, 64]);
  assertEquals(await waitsAt(0), [0, 0, 0, 0, 0, 0]);
  assertEquals(reads, 14);
});

Deno.test("a read is not tried again after the deadline of its step", async () => {
  let reads = 0;
  const surroundings = { timers: testClock().timers, random: seededRandom(1), isOver: () => true };

  await assertRejects(
    () => retryRead(() => (reads++, Promise.reject(new Error())), surroundings),
    StoreUnavailable,
  );

  assertEquals(reads, 1);
});

Deno.test("full jitter gives different delays between zero and the maximum", () => {
  const random = seededRandom(1);
  const waits = Array.from({ length: 200 }, () => jitter(64, random));

  assertEquals(waits.every((wait) => wait >= 0 && wait <= 64), true);
  assertEquals(Math.min(...waits) < 8 && Math.max(...waits) > 56, true);
  assertEquals(new Set(waits).size > 50, true);
});

Deno.test("a step continues after one of its reads succeeds on a retry", async () => {
  await using store = aStore({
    remote: true,
    fault: ({ kind, nth }) => kind === "getMany" && nth < 6 ? { kind: "throwBefore" } : null,
  });

  const read = store.kv.step(systemOrigin, (tx) => tx.read({ note: notes.ref("n") }));

  assertEquals((await whileTimePasses(store.clock, read)).note.value, null);
  assertEquals(store.calls.length, 7);
});

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

Deno.test("a file is told when it may delete a record", async () => {
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
    await denoBackend(kv, { remote: false }).commit({ checks: [], mutations });
    assertEquals(ends, [undefined, 5000]);
  } finally {
    kv.close();
  }
});
