import { assertEquals, assertRejects } from "@std/assert";
import { acquire, assertHeld, LeaseLost, release, tryAcquire } from "../../stores/engine/leases.ts";
import { systemOrigin } from "../../stores/engine/transaction.ts";
import { processes } from "./processes.ts";

const ofAnn = { name: "cleanup", holder: "ann", lifetime: 60 };
const ofBob = { name: "cleanup", holder: "bob", lifetime: 60 };

Deno.test("of two that ask for a lease at once, one gets it", async () => {
  await using store = await processes();

  const got = await Promise.all([tryAcquire(store.kv, ofAnn), tryAcquire(store.kv, ofBob)]);

  assertEquals(got.filter((lease) => lease !== null).length, 1);
});

Deno.test("a lease is free again when it was returned, and leases of other names always were", async () => {
  await using store = await processes();
  await tryAcquire(store.kv, ofAnn);
  assertEquals(await tryAcquire(store.kv, ofBob), null);
  assertEquals(await tryAcquire(store.kv, { ...ofBob, name: "sealing" }) !== null, true);

  await release(store.kv, ofBob); // which Bob has not
  assertEquals(await tryAcquire(store.kv, ofBob), null);
  await release(store.kv, ofAnn);
  assertEquals(await tryAcquire(store.kv, ofBob), ofBob);
});

Deno.test("who waits for a lease gets it when it was returned", async () => {
  await using store = await processes();
  await tryAcquire(store.kv, ofAnn);
  let waited = 0;
  const waiting = acquire(store.kv, ofBob, {
    timers: store.clock.timers,
    onWait: () => waited++,
  });
  for (let polls = 0; polls < 3; polls++) {
    await store.clock.sleepers(1);
    if (polls === 2) await release(store.kv, ofAnn);
    store.clock.advance(1);
  }

  assertEquals(await waiting, ofBob);
  assertEquals(waited, 1);
});

Deno.test("a lease that expired is another's to take, and no commit of its holder lands", async () => {
  await using store = await processes();
  await tryAcquire(store.kv, ofAnn);
  const commit = () => store.kv.step(systemOrigin, (tx) => assertHeld(tx, ofAnn));
  store.clock.advance(59);
  await commit(); // renews it
  store.clock.advance(59);
  assertEquals(await tryAcquire(store.kv, ofBob), null);

  store.clock.advance(1);

  await assertRejects(commit, LeaseLost);
  assertEquals(await tryAcquire(store.kv, ofBob), ofBob);
  await assertRejects(commit, LeaseLost);
});
