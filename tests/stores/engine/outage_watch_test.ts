import { assertEquals } from "@std/assert";
import { StoreUnavailable } from "../../../stores/engine/store_errors.ts";
import { keepWatch, watchOutages } from "../../../stores/engine/outage_watch.ts";
import { systemOrigin } from "../../../stores/engine/transaction.ts";
import { testClock } from "../../support/clock.ts";
import { faultyKv, type FaultyOptions } from "../../support/faulty_kv.ts";
import { memoryKv } from "../../support/memory_kv.ts";
import { aStore, whileTimePasses } from "../../support/store.ts";

const failing = () => ({ kind: "throwBefore" }) as const;

for (
  const [what, fault, settles] of [
    ["a call that fails", failing, true],
    ["a call that comes back after two seconds", () => ({ kind: "slow", after: 2000 }), true],
    ["a call that comes back in time", () => ({ kind: "slow", after: 1500 }), false],
  ] as [string, FaultyOptions["fault"], boolean][]
) {
  Deno.test(`${what}: for 5 seconds others may${settles ? "" : " not"} still be settling`, async () => {
    const { clock, watch } = watched({ remote: true, fault });
    await whileTimePasses(clock, watch.backend.getMany([["k"]]).catch(() => {}));
    assertEquals(watch.isSettling(), settles);
    clock.advance(4.8);
    assertEquals(watch.isSettling(), settles);
    clock.advance(0.2);
    assertEquals(watch.isSettling(), false);
  });
}

Deno.test("errors of a local store do not count as an outage", async () => {
  const { watch } = watched({ remote: false, fault: failing });
  await watch.backend.getMany([["k"]]).catch(() => {});
  assertEquals(watch.isSettling(), false);
});

Deno.test("an idle process notices an outage within a second, and its end", async () => {
  let isDown = false;
  await using store = aStore({ remote: true, fault: () => isDown ? failing() : null });
  const stopping = new AbortController();
  const watching = keepWatch(store.kv, store.clock.timers, stopping.signal);
  const isSettled = () =>
    store.kv.step(systemOrigin, (tx) => tx.assertSettled()).then(() => true, (error) => {
      if (!(error instanceof StoreUnavailable)) throw error;
      return false;
    });
  await whileTimePasses(store.clock, store.clock.timers.sleep(10_000));
  assertEquals(await isSettled(), true);

  isDown = true;
  await whileTimePasses(store.clock, store.clock.timers.sleep(1500));
  isDown = false;
  assertEquals(await isSettled(), false);

  await whileTimePasses(store.clock, store.clock.timers.sleep(7000));
  assertEquals(await isSettled(), true);
  stopping.abort();
  await whileTimePasses(store.clock, watching);
});

function watched({ remote, fault }: { remote: boolean; fault: FaultyOptions["fault"] }) {
  const clock = testClock();
  const store = faultyKv(memoryKv({ clock, remote }), { timers: clock.timers, fault });
  return { clock, watch: watchOutages(store, clock) };
}
