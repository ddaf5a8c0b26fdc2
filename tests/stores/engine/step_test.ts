import { assertEquals, assertRejects } from "@std/assert";
import { z } from "zod";
import { collection } from "../../../stores/engine/collection.ts";
import { type KvBackend, systemTimers } from "../../../stores/engine/kv.ts";
import { StoreUnavailable } from "../../../stores/engine/store_errors.ts";
import { openMemory } from "../../../stores/engine/local_file.ts";
import { createKv, type Kv } from "../../../stores/engine/step.ts";
import { systemOrigin, type Transaction } from "../../../stores/engine/transaction.ts";
import { testClock } from "../../support/clock.ts";
import { seededRandom } from "../../support/random.ts";
import { aStore, notes, whileTimePasses } from "../../support/store.ts";

const counters = collection({
  family: "counters",
  version: 1,
  schema: z.object({ count: z.int() }),
});

for (const remote of [false, true]) {
  const kind = remote ? "a remote store" : "a local one";
  Deno.test(`50 concurrent steps on one record of ${kind} land once each, with one commit each`, async () => {
    await using real = await aRealStore(remote);

    const counted = await Promise.all(Array.from({ length: 50 }, () => countUp(real.kv, "one")));

    assertEquals(counted.toSorted((a, b) => a - b), Array.from({ length: 50 }, (_, n) => n + 1));
    assertEquals(real.sentCommits(), 50);
  });
}

Deno.test("50 concurrent steps of two processes land once each, and few of their commits fail", async () => {
  await using real = await aRealStore(true);
  const other = real.process();

  const counted = await Promise.all(
    Array.from({ length: 50 }, (_, n) => countUp(n % 2 ? real.kv : other, "one")),
  );

  assertEquals(counted.toSorted((a, b) => a - b), Array.from({ length: 50 }, (_, n) => n + 1));
  // At worst each that lands costs the other process one.
  assertEquals(real.sentCommits() <= 100, true, `${real.sentCommits()} commits`);
});

Deno.test("steps that write two records in any order do not deadlock", async () => {
  await using real = await aRealStore(false);
  const countBoth = (first: string, second: string) =>
    real.kv.step(systemOrigin, async (tx) => {
      const refs = { a: counters.ref(first), b: counters.ref(second) };
      const { a, b } = await tx.read(refs);
      for (const entry of [a, b]) {
        const count = (entry.value?.count ?? 0) + 1;
        if (entry.value) tx.replace(entry, { count });
        else tx.create(entry.ref, { count });
      }
    });

  await Promise.all(
    Array.from({ length: 20 }, (_, n) => n % 2 ? countBoth("x", "y") : countBoth("y", "x")),
  );

  assertEquals([await countUp(real.kv, "x"), await countUp(real.kv, "y")], [21, 21]);
});

Deno.test("a step does not wait for one that writes other records", async () => {
  await using store = aStore({
    fault: ({ kind, nth }) =>
      kind === "commit" && nth === 0 ? { kind: "slow", before: 5000 } : null,
  });
  const slow = countUp(store.kv, "slow");

  assertEquals(await countUp(store.kv, "quick"), 1);
  assertEquals(await whileTimePasses(store.clock, slow), 1);
});

Deno.test("a step gives up after 10 seconds if its records keep changing", async () => {
  await using store = aStore({
    remote: true,
    fault: ({ kind }) => kind === "commit" ? { kind: "conflict" } : null,
  });
  const start = store.clock.seconds();

  await whileTimePasses(
    store.clock,
    assertRejects(() => countUp(store.kv, "one"), StoreUnavailable),
  );

  assertEquals(store.clock.seconds() - start, 10);
});

Deno.test("queued steps give up together after an outage, not one after the other", async () => {
  await using store = aStore({ remote: true, fault: hangingAfter(20) });
  const start = store.clock.seconds();
  const steps = Array.from({ length: 20 }, () => countUp(store.kv, "one"));

  const outcomes = await whileTimePasses(store.clock, Promise.allSettled(steps));

  assertEquals(outcomes.every(({ status }) => status === "rejected"), true);
  const took = store.clock.seconds() - start;
  assertEquals(took < 15, true, `it took ${took} s`);
});

Deno.test("the next step of a record runs after the previous one has thrown", async () => {
  await using store = aStore();
  const outcomes = await Promise.allSettled([
    store.kv.step(systemOrigin, (tx) => tx.add(notes.ref("k".repeat(3000)), { text: "" })),
    store.kv.step(systemOrigin, (tx) => tx.create(notes.ref("k".repeat(3000)), { text: "" })),
    countUp(store.kv, "one"),
  ]);

  assertEquals(outcomes.map(({ status }) => status), ["rejected", "rejected", "fulfilled"]);
  assertEquals(await countUp(store.kv, "one"), 2);
});

Deno.test("the error of a step is based on one moment, however many batches it has read", async () => {
  await using store = aStore();
  await using other = aStore({ beside: store });
  let runs = 0;
  const transfer = (end: (tx: Transaction, error: Error) => never) =>
    store.kv.step(systemOrigin, async (tx) => {
      runs++;
      const { left } = await tx.read({ left: notes.ref("left") });
      if (runs === 1) await noteBoth(other.kv);
      const { right } = await tx.read({ right: notes.ref("right") });
      const halves = [left, right].filter(({ value }) => value !== null).length;
      if (halves === 1) end(tx, new Error("only a half is there"));
      return halves;
    });
  const ends: Parameters<typeof transfer>[0][] = [
    (_, error) => {
      throw error;
    },
    (tx, error) => tx.refuse(error),
  ];

  for (const end of ends) {
    runs = 0;
    await other.kv.step(systemOrigin, (tx) => {
      for (const side of ["left", "right"]) tx.end(notes.ref(side));
    });
    assertEquals(await transfer(end), 2);
    assertEquals(runs, 2);
  }
  assertEquals(store.observed, ["rerun: conflict", "rerun: conflict"]);
});

Deno.test("a step that throws reports its own error, even if a record that it would have created exists", async () => {
  await using store = aStore();
  await noteBoth(store.kv);
  const failing = store.kv.step(systemOrigin, async (tx) => {
    store.clock.advance(1); // so that one which is run again and again comes to an end
    for (const side of ["one", "another"]) await tx.read({ note: notes.ref(side) });
    tx.create(notes.ref("left"), { text: "again" });
    throw new Error("as it is");
  });

  await assertRejects(() => failing, Error, "as it is");
  assertEquals(store.observed, []);
});

Deno.test("a step that throws after one batch, or with nothing changed, throws at once", async () => {
  await using store = aStore();
  const reads = () => store.calls.filter(({ kind }) => kind === "getMany").length;
  const failAfter = (batches: number) =>
    store.kv.step(systemOrigin, async (tx) => {
      for (let n = 0; n < batches; n++) await tx.read({ note: notes.ref("batch", n) });
      throw new Error("as it is");
    });

  // Two batches are looked at again by one more; twelve keys take two of them.
  for (const [batches, expected] of [[0, 0], [1, 1], [2, 3], [12, 14]] as const) {
    const before = reads();
    await assertRejects(() => failAfter(batches), Error, "as it is");
    assertEquals(reads() - before, expected, `${batches} batches`);
  }
  assertEquals(store.observed, []);
});

Deno.test("RecordExists is based on the same moment as the earlier reads", async () => {
  await using store = aStore();
  await using other = aStore({ beside: store });
  let runs = 0;
  const made = await store.kv.step(systemOrigin, async (tx) => {
    runs++;
    const { left, third } = await tx.read({ left: notes.ref("left"), third: notes.ref("third") });
    if (left.value !== null) return "both are there";
    tx.create(notes.ref("right"), { text: "right" });
    // The first run meets a conflict, so that the second looks at what it would create.
    if (runs === 1) {
      await other.kv.step(systemOrigin, (tx) => tx.create(third.ref, { text: "third" }));
    } else await noteBoth(other.kv);
    return "made";
  });
  assertEquals([made, runs], ["both are there", 3]);
});

Deno.test("a family is listed in pages, from either end, without expired records", async () => {
  await using store = aStore();
  await store.kv.step(systemOrigin, (tx) => {
    for (let n = 1; n <= 5; n++) tx.add(notes.ref("list", n), { text: `${n}` });
    tx.add(notes.ref("list", 6), { text: "6", expiresAt: tx.now + 1 });
    tx.add(notes.ref("other", 7), { text: "7" });
  });
  store.clock.advance(1);

  assertEquals(await pages(false), [["1", "2"], ["3", "4"], ["5"], []]);
  assertEquals(await pages(true), [["5"], ["4", "3"], ["2", "1"], []]);

  async function pages(reverse: boolean) {
    const found: string[][] = [];
    for (let cursor: string | null = ""; cursor !== null;) {
      const page: Awaited<ReturnType<typeof list>> = await list(reverse, cursor);
      found.push(page.entries.map((entry) => entry.value.text));
      cursor = page.cursor;
    }
    return found;
  }
  function list(reverse: boolean, cursor: string) {
    const page = { collection: notes, prefix: ["list"], limit: 2, reverse };
    return store.kv.list(cursor ? { ...page, cursor } : page);
  }
});

/** Makes both of two notes that belong together. */
function noteBoth(kv: Kv): Promise<void> {
  return kv.step(systemOrigin, (tx) => {
    for (const side of ["left", "right"]) tx.create(notes.ref(side), { text: side });
  });
}

/** Adds one. @returns what it counted */
function countUp(kv: Kv, counterId: string): Promise<number> {
  return kv.step(systemOrigin, async (tx) => {
    const { counter } = await tx.read({ counter: counters.ref(counterId) });
    const count = (counter.value?.count ?? 0) + 1;
    if (counter.value) tx.replace(counter, { count });
    else tx.create(counter.ref, { count });
    return count;
  });
}

/** A store out of reach, after so many calls. */
function hangingAfter(calls: number) {
  return () => --calls < 0 ? { kind: "hang" as const } : null;
}

/** Deno's own store, in memory, with its commits counted. */
async function aRealStore(remote: boolean) {
  const real = await openMemory();
  let commits = 0;
  let processes = 0;
  const backend: KvBackend = {
    ...real,
    remote,
    commit(batch) {
      commits++;
      return real.commit(batch);
    },
  };
  const process = () =>
    createKv(backend, {
      clock: testClock(),
      timers: systemTimers,
      random: seededRandom(++processes),
    });
  return {
    kv: process(),
    process,
    sentCommits: () => commits,
    [Symbol.asyncDispose]: () => Promise.resolve(real.close()),
  };
}
