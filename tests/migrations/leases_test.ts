import { assertEquals, assertRejects } from "@std/assert";
import {
  acquire,
  assertHeld,
  endThoseInFile,
  LeaseLost,
  release,
  tryAcquire,
} from "../../stores/engine/leases.ts";
import { systemOrigin } from "../../stores/engine/transaction.ts";
import { processes } from "./processes.ts";

const ofAnn = { name: "cleanup", holder: "ann", lifetime: 60 };
const ofBob = { name: "cleanup", holder: "bob", lifetime: 60 };

Deno.test("if two processes request a lease at once, one gets it", async () => {
  await using store = await processes();

  const got = await Promise.all([tryAcquire(store.kv, ofAnn), tryAcquire(store.kv, ofBob)]);

  assertEquals(got.filter((lease) => lease !== null).length, 1);
});

Deno.test("a returned lease is free again, and leases with other names are independent", async () => {
  await using store = await processes();
  await tryAcquire(store.kv, ofAnn);
  assertEquals(await tryAcquire(store.kv, ofBob), null);
  assertEquals(await tryAcquire(store.kv, { ...ofBob, name: "sealing" }) !== null, true);

  await release(store.kv, ofBob); // which Bob has not
  assertEquals(await tryAcquire(store.kv, ofBob), null);
  await release(store.kv, ofAnn);
  assertEquals(await tryAcquire(store.kv, ofBob), ofBob);
});

Deno.test("a process that waits for a lease gets it once it is returned", async () => {
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

Deno.test("an expired lease can be taken, and commits of its old holder fail", async () => {
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

Deno.test("a lease that a wrong clock has dated can be taken, and one of a clock that is minutes ahead cannot", async () => {
  await using store = await processes();
  store.clock.advance(86_400);
  await tryAcquire(store.kv, ofAnn);
  store.clock.advance(-300);
  assertEquals(await tryAcquire(store.kv, ofBob), null);

  store.clock.advance(-1);

  assertEquals(await tryAcquire(store.kv, ofBob), ofBob);
  await assertRejects(
    () => store.kv.step(systemOrigin, (tx) => assertHeld(tx, ofAnn)),
    LeaseLost,
  );
  store.clock.advance(59);
  await store.kv.step(systemOrigin, (tx) => assertHeld(tx, ofBob));
});

Deno.test("a start on a store that processes share ends no lease of another", async () => {
  await using store = await processes();
  await tryAcquire(store.kv, ofAnn);

  await endThoseInFile(store.kv);

  await store.kv.step(systemOrigin, (tx) => assertHeld(tx, ofAnn));
  assertEquals(await tryAcquire(store.kv, ofBob), null);
});
