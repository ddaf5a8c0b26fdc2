import { assertEquals, assertRejects } from "@std/assert";
import { jitter, retryRead } from "../../../stores/engine/retry.ts";
import { StoreUnavailable } from "../../../stores/engine/store_errors.ts";
import { systemOrigin } from "../../../stores/engine/transaction.ts";
import { testClock } from "../../support/clock.ts";
import { seededRandom } from "../../support/random.ts";
import { aStore, notes, whileTimePasses } from "../../support/store.ts";

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
