import { assertEquals, assertRejects } from "@std/assert";
import fc from "fast-check";
import { randomId } from "../../../src/crypto/random.ts";
import type { Ref } from "../../../stores/engine/collection.ts";
import { StoreUnavailable } from "../../../stores/engine/store_errors.ts";
import { systemOrigin, type Transaction } from "../../../stores/engine/transaction.ts";
import { type Call, type Fault, onCommits, randomFaults } from "../../support/faulty_kv.ts";
import { seededRandom } from "../../support/random.ts";
import {
  aStore,
  type Note,
  noted,
  notes,
  type TestStore,
  whileTimePasses,
} from "../../support/store.ts";

interface Case {
  readonly faults: Readonly<Record<number, Fault>>;
  /** How many commits are sent, those of a settling too. */
  readonly commits: number;
  readonly observed: readonly string[];
}

// A commit that settles is counted too: it is the one after that whose fate it settles.
const oneEffect: Record<string, Case> = {
  "whose reply was lost, so that it is told of a conflict with itself": {
    faults: { 0: { kind: "replyLost" } },
    commits: 1,
    observed: [],
  },
  "that conflicts with nothing": {
    faults: { 0: { kind: "conflict" } },
    commits: 2,
    observed: ["rerun: conflict"],
  },
  "that throws though it is stored": {
    faults: { 0: { kind: "throwAfter" } },
    commits: 2,
    observed: [],
  },
  "that throws before it is stored": {
    faults: { 0: { kind: "throwBefore" } },
    commits: 3,
    observed: ["rerun: void"],
  },
  "that is not answered, but stored": {
    faults: { 0: { kind: "hang", landsAfter: 1000 } },
    commits: 2,
    observed: [],
  },
  "that is not answered, and gets lost": {
    faults: { 0: { kind: "hang" } },
    commits: 3,
    observed: ["rerun: void"],
  },
  "that is not answered, and arrives after the step was run again": {
    faults: { 0: { kind: "hang", landsAfter: 20_000 } },
    commits: 3,
    observed: ["rerun: void"],
  },
  "whose voiding loses its reply": {
    faults: { 0: { kind: "throwBefore" }, 1: { kind: "replyLost" } },
    commits: 3,
    observed: ["rerun: void"],
  },
  "whose voiding throws though it is stored": {
    faults: { 0: { kind: "hang", landsAfter: 20_000 }, 1: { kind: "throwAfter" } },
    commits: 3,
    observed: ["rerun: void"],
  },
  "that lands while its voiding is not answered": {
    faults: { 0: { kind: "hang", landsAfter: 4000 }, 1: { kind: "hang", landsAfter: 10_000 } },
    commits: 2,
    observed: [],
  },
};
for (const [name, { faults, commits, observed }] of Object.entries(oneEffect)) {
  Deno.test(`a commit ${name} takes effect once, and its step is answered`, async () => {
    await using store = aStore({ remote: true, fault: onCommits(faults) });

    assertEquals(await whileTimePasses(store.clock, append(store)), "x");

    await timePasses(store, 30);
    assertEquals(await noted(store.store, "log"), "x");
    assertEquals(store.sentCommits(), commits);
    assertEquals(store.observed, observed);
  });
}

Deno.test("a local store always reports the outcome, so its commits write no marker", async () => {
  const fault = onCommits({ 0: { kind: "conflict" }, 2: { kind: "throwBefore" } });
  await using store = aStore({ fault });

  await append(store);
  await assertRejects(() => append(store), StoreUnavailable);

  assertEquals(await noted(store.store, "log"), "x");
  assertEquals((await store.store.list({ prefix: [] }, { limit: 9 })).entries.length, 1);
});

Deno.test("a step whose commit cannot be settled is answered 503, and is marked if it landed", async () => {
  for (const landed of [true, false]) {
    const outage = anOutage(landed ? { kind: "throwAfter" } : { kind: "throwBefore" });
    await using store = aStore({ remote: true, fault: outage.fault });

    await whileTimePasses(store.clock, assertRejects(() => append(store), StoreUnavailable));
    await timePasses(store, 30);
    assertEquals(await noted(store.store, "log"), landed ? "x" : undefined);
    assertEquals(store.observed, ["outcome unknown"]);

    outage.end();
    await timePasses(store, 30);
    assertEquals(await noted(store.store, "log"), landed ? "x (undelivered)" : undefined);
    assertEquals(store.observed, ["outcome unknown", ...landed ? ["undelivered"] : []]);
  }
});

Deno.test("a commit that could not be voided may land later, so its step does not rerun", async () => {
  for (const landsAfter of [3050, 20_000]) {
    const faults = { 0: { kind: "hang", landsAfter }, 1: { kind: "throwBefore" } } as const;
    await using store = aStore({ remote: true, fault: onCommits(faults) });

    const adding = assertRejects(() => leaveTrace(store, 1), StoreUnavailable);
    await whileTimePasses(store.clock, adding);

    await timePasses(store, 30);
    // Of the two that then want to be first, the commit and its next voiding, one is.
    assertEquals(await tracesOf(store, 1), landsAfter === 3050 ? ["undelivered"] : []);
  }
});

Deno.test("a client that retries after an outage gets 503 until the mark is written, and is not treated as an attacker", async () => {
  const outage = anOutage({ kind: "throwAfter" });
  await using store = aStore({ remote: true, fault: outage.fault });
  await whileTimePasses(store.clock, assertRejects(() => append(store), StoreUnavailable));
  outage.end();

  await assertRejects(() => append(store), StoreUnavailable);
  await store.kv.step(systemOrigin, (tx) => tx.create(notes.ref("another"), { text: "fine" }));

  await timePasses(store, 30);
  assertEquals(await append(store), "x (undelivered)x");
});

Deno.test("a mark is committed in the end, however often the store fails", async () => {
  const outage = anOutage({ kind: "throwAfter" });
  let failing = 0;
  await using store = aStore({
    remote: true,
    fault: (call) =>
      outage.fault(call) ?? (isMark(call) && failing++ < 3 ? { kind: "conflict" } : null) ??
        (failing > 0 && failing < 40 && call.kind === "getMany" ? throws() : null),
  });
  await whileTimePasses(store.clock, assertRejects(() => append(store), StoreUnavailable));
  outage.end();

  await timePasses(store, 120);

  assertEquals(await noted(store.store, "log"), "x (undelivered)");

  function isMark({ batch }: Call) {
    return JSON.stringify(batch?.mutations ?? "").includes("(undelivered)");
  }
  function throws(): Fault {
    failing++;
    return { kind: "throwBefore" };
  }
});

Deno.test("a commit that cannot be settled within the life of its marker is given up, and this is logged", async () => {
  const outage = anOutage({ kind: "throwAfter" });
  await using store = aStore({ remote: true, fault: outage.fault });
  await whileTimePasses(store.clock, assertRejects(() => append(store), StoreUnavailable));

  await timePasses(store, 1900, 100);
  outage.end();
  await timePasses(store, 30);

  assertEquals(store.observed, [
    "outcome unknown",
    "settling failed: a commit was never settled",
  ]);
  assertEquals(await append(store), "xx");
});

Deno.test("a process that ends settles as much as it can first", async () => {
  const outage = anOutage({ kind: "throwAfter" });
  const store = aStore({ remote: true, fault: outage.fault });
  await whileTimePasses(store.clock, assertRejects(() => append(store), StoreUnavailable));
  outage.end();

  await store.kv.close();

  assertEquals(await noted(store.store, "log"), "x (undelivered)");
});

Deno.test("with any faults of two processes' calls, an answered step lands once, and an unanswered one does not land, or lands with its mark", async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer(), async (seed) => {
      let isOver = false;
      const rates = { slow: 0.2, conflict: 0.1, replyLost: 0.1, throwBefore: 0.1, throwAfter: 0.1 };
      const faults = randomFaults(seededRandom(seed), {
        rates: { ...rates, hang: 0.1 },
        longest: 8000,
      });
      const fault = (call: Call) => isOver ? null : faults(call);
      await using ann = aStore({ remote: true, fault });
      await using bob = aStore({ remote: true, fault, beside: ann });
      // Two of three are kept apart by the counter that they read, the third has only its marker.
      const steps = Array.from(
        { length: 12 },
        (_, n) => leaveTrace(n % 2 ? ann : bob, n, n % 3 ? "counted" : "not counted"),
      );

      const outcomes = await whileTimePasses(ann.clock, Promise.allSettled(steps), 0.5);
      isOver = true;
      await timePasses(ann, 60, 2);

      let counted = 0;
      for (const [n, { status }] of outcomes.entries()) {
        const traces = await tracesOf(ann, n);
        const expected = status === "fulfilled" ? ["done"] : traces.length ? ["undelivered"] : [];
        assertEquals(traces, expected, `step ${n}`);
        if (n % 3) counted += traces.length;
      }
      assertEquals(await noted(ann.store, "counter"), counted ? String(counted) : undefined);
    }),
    { numRuns: 25 },
  );
});

/** A step with a result worth having: it appends an x to the log, and tells the log. */
function append({ kv }: TestStore): Promise<string> {
  return kv.step(systemOrigin, async (tx) => {
    const { log } = await tx.read({ log: notes.ref("log") });
    const text = `${log.value?.text ?? ""}x`;
    if (log.value) tx.replace(log, { text });
    else tx.create(log.ref, { text });
    tx.ifUndelivered((later) => mark(later, notes.ref("log"), `${text} (undelivered)`));
    return text;
  });
}

/** A step whose every effect can be counted: each run would leave a trace of its own. */
function leaveTrace(
  { kv }: TestStore,
  n: number,
  counting: "counted" | "not counted" = "not counted",
): Promise<void> {
  return kv.step(systemOrigin, async (tx) => {
    if (counting === "counted") {
      const { counter } = await tx.read({ counter: notes.ref("counter") });
      const text = String(Number(counter.value?.text ?? 0) + 1);
      if (counter.value) tx.replace(counter, { text });
      else tx.create(counter.ref, { text });
    }
    const trace = notes.ref("trace", n, randomId(tx.random));
    tx.add(trace, { text: "done" });
    tx.ifUndelivered((later) => mark(later, trace, "undelivered"));
  });
}

async function tracesOf({ kv }: TestStore, n: number): Promise<string[]> {
  const page = await kv.list({ collection: notes, prefix: ["trace", n], limit: 9 });
  return page.entries.map((entry) => entry.value.text);
}

async function mark(later: Transaction, at: Ref<Note>, text: string) {
  const { note } = await later.read({ note: at });
  if (note.value) later.replace(note, { text });
}

/** A first commit that goes wrong, and then a store out of reach. */
function anOutage(first: Fault) {
  let isOver = false;
  let commits = 0;
  return {
    fault({ kind }: Call): Fault | null {
      if (isOver) return null;
      if (kind === "commit" && commits++ === 0) return first;
      return commits > 0 ? { kind: "throwBefore" } : null;
    },
    end: () => void (isOver = true),
  };
}

async function timePasses({ clock }: TestStore, seconds: number, atOnce = 1) {
  const until = clock.seconds() + seconds;
  await whileTimePasses(clock, clock.timers.sleep((until - clock.seconds()) * 1000), atOnce);
}
