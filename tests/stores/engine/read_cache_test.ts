import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import fc from "fast-check";
import type { CommitBatch, KvBackend, KvMutation } from "../../../stores/engine/kv.ts";
import type { RawEntry } from "../../../stores/engine/raw_entry.ts";
import type { Derivation } from "../../../stores/engine/derived.ts";
import { cacheReads } from "../../../stores/engine/read_cache.ts";
import { sizeOfRecord } from "../../../stores/engine/sizes.ts";
import { id } from "../../../stores/engine/transaction.ts";
import { type TestClock, testClock } from "../../support/clock.ts";
import { heldKv } from "../../support/held_kv.ts";
import { memoryKv } from "../../support/memory_kv.ts";

Deno.test("records that were read or written, and absent keys, come from memory", async () => {
  const { cache, store, asked } = aCache();
  await store.commit(writing("read", 1));
  const first = await valuesOf(cache, "read", "absent");
  await cache.commit(writing("written", 2));

  assertEquals(await valuesOf(cache, "read", "absent", "written"), [1, null, 2]);
  assertEquals(first, [1, null]);
  assertEquals(asked, [["read", "absent"]]);
});

Deno.test("a key with a commit under way is read from the store", async () => {
  const { cache, asked, hold } = aCache();
  await cache.commit(writing("a", 1));
  const commit = hold("commit");
  const written = cache.commit(writing("a", 2));
  await commit.reached;
  // It has landed, and nobody knows it yet.
  await commit.applied;
  assertEquals(await valuesOf(cache, "a"), [2]);
  assertEquals(asked, [["a"]]);
  commit.answer();
  await written;
  assertEquals(await valuesOf(cache, "a"), [2]);
  assertEquals(asked, [["a"]]);
});

Deno.test("a read is not cached if a commit of its key was under way during the read", async () => {
  const { cache, asked, hold } = aCache();
  const read = hold("getMany");
  const old = valuesOf(cache, "a"); // the store answers null, and the answer is late
  await read.applied;
  await cache.commit(writing("a", 1));
  read.answer();

  assertEquals(await old, [null]);
  assertEquals(await valuesOf(cache, "a"), [1]);
  assertEquals(asked, [["a"]]);
});

Deno.test("a read is not cached if it began while a commit of its key was under way", async () => {
  const { cache, asked, hold } = aCache();
  const commit = hold("commit", "before");
  const written = cache.commit(writing("a", 1));
  await commit.reached;
  const read = hold("getMany");
  const old = valuesOf(cache, "a");
  await read.applied; // before the commit was
  commit.answer();
  await written;
  read.answer();

  assertEquals(await old, [null]);
  assertEquals(await valuesOf(cache, "a"), [1]);
  assertEquals(asked, [["a"]]);
});

Deno.test("after two overlapping commits of one key, nothing is cached", async () => {
  const { cache, asked, hold } = aCache();
  const slow = hold("commit");
  const first = cache.commit(writing("a", 1));
  await slow.applied;
  await cache.commit(writing("a", 2)); // later in the store, and answered first
  slow.answer();
  await first;

  assertEquals(await valuesOf(cache, "a"), [2]);
  assertEquals(asked, [["a"]]);
});

Deno.test("a batch with one uncached key is read from the store as a whole", async () => {
  const { cache, store, asked } = aCache();
  await store.commit(writing("a", 1));
  await store.commit(writing("b", 1));
  await valuesOf(cache, "a");
  await valuesOf(cache, "a", "b");
  assertEquals(asked, [["a"], ["a", "b"]]);
});

Deno.test("an expired record is read from the store, which may have deleted it", async () => {
  const { cache, store, clock, asked } = aCache();
  const record = { expiresAt: clock.seconds() + 60 };
  const key = ["a"];
  await cache.commit({
    checks: [],
    mutations: [{ type: "set", key, value: { version: 1, record }, expireIn: 60_000 }],
  });
  clock.advance(59);
  assert((await entryOf(cache, "a")).versionstamp !== null);
  assertEquals(asked, []);

  clock.advance(1);
  assert((await entryOf(cache, "a")).versionstamp !== null);
  store.sweep();
  assertEquals((await entryOf(cache, "a")).versionstamp, null);
  assertEquals(asked, [["a"], ["a"]]);
});

Deno.test("a failed check removes the checked keys and the unwritten keys from the cache", async () => {
  const { cache, store, asked } = aCache();
  await cache.commit(writing("checked", 1));
  await cache.commit(writing("written", 1));
  const { versionstamp } = await entryOf(cache, "checked");
  await store.commit(writing("checked", 2)); // as nobody else can, but for the store itself
  const check = { key: ["checked"], versionstamp };

  const answer = await cache.commit({ checks: [check], mutations: [set("written", 2)] });

  assertEquals(answer, null);
  assertEquals(await valuesOf(cache, "checked"), [2]);
  assertEquals(await valuesOf(cache, "written"), [1]);
  assertEquals(asked, [["checked"], ["written"]]);
});

Deno.test("a commit that throws removes its keys from the cache", async () => {
  const { cache, asked, fail } = aCache();
  await cache.commit(writing("a", 1));
  fail();
  await assertRejects(() => cache.commit(writing("a", 2)), Error, "database is locked");
  assertEquals(await valuesOf(cache, "a"), [1]);
  assertEquals(asked, [["a"]]);
});

Deno.test("cached values are frozen, because many steps hold them", async () => {
  const { cache, store } = aCache();
  const value = { record: { list: ["one"] } };
  await store.commit({ checks: [], mutations: [{ type: "set", key: ["read"], value }] });
  await cache.commit({
    checks: [],
    mutations: [{ type: "set", key: ["written"], value: { record: { list: ["one"] } } }],
  });
  for (const name of ["read", "written"]) {
    const held = (await entryOf(cache, name)).value as typeof value;
    assertThrows(() => held.record.list.push("two"), TypeError);
  }
});

Deno.test("lists come from the store", async () => {
  const { cache, store } = aCache();
  await cache.commit(writing("a", 1));
  await store.commit(writing("a", 2));
  const { entries } = await cache.list({ prefix: [] }, { limit: 9 });
  assertEquals(entries.map(({ value }) => value), [2]);
});

Deno.test("what comes from memory has the key that was asked for, which no step can change for others", async () => {
  const { cache, asked } = aCache();
  const key = ["a", 1.5, 'with "quotes" and \u{1f511}', ""];
  await cache.commit({ checks: [], mutations: [{ type: "set", key, value: { version: 1 } }] });
  const keys = [key, ["absent", 2]];
  await cache.getMany(keys);

  const remembered = await cache.getMany(keys);
  assertEquals(remembered.map((entry) => entry.key), keys);
  assert(remembered.every(Object.isFrozen));
  for (const entry of remembered) Object.assign(entry.key, { 0: "changed" });
  assertEquals((await cache.getMany(keys)).map((entry) => entry.key), keys);
  assertEquals(asked.length, 1, "the second batch came from memory");
});

Deno.test("a flood of absent keys evicts no record", async () => {
  const { cache, asked } = aCache({ bytes: 64_000 });
  await cache.commit(writing("record", 1));
  for (let n = 0; n < 5000; n++) await entryOf(cache, `made up ${n}`);
  const before = asked.length;
  assertEquals(await valuesOf(cache, "record"), [1]);
  assertEquals(asked.length, before);
  await entryOf(cache, "made up 0");
  assertEquals(asked.length, before + 1, "absence is bounded too");
});

Deno.test("the cache keeps at most its limit of bytes, newest first", async () => {
  const { cache, asked } = aCache({ bytes: 10_000 });
  for (let n = 0; n < 100; n++) await cache.commit(writing(`${n}`, "x".repeat(1000)));
  assertEquals((await entryOf(cache, "99")).value, "x".repeat(1000));
  assertEquals(asked, []);
  await entryOf(cache, "0");
  assertEquals(asked, [["0"]]);
});

Deno.test("an entry counts as what it takes with its key and its places, however small its value is", async () => {
  for (const value of [1, [1, null, 1]]) {
    const { cache, asked } = aCache({ bytes: 10_000 });
    for (let n = 0; n < 40; n++) await cache.commit(writing(`${n}`, value));
    await entryOf(cache, "39");
    assertEquals(asked, []);
    await entryOf(cache, "0");
    assertEquals(asked, [["0"]]);
  }
});

Deno.test("each character of a text counts as two bytes if one of them needs two", () => {
  const size = (text: string) =>
    sizeOfRecord("a", [1, null, text]) - sizeOfRecord("a", [1, null, ""]);
  assertEquals(size("\u00e9".repeat(100)), 100);
  assertEquals(size(`${"x".repeat(99)}\u6f22`), 200);
});

Deno.test("expired records leave, so that they take no room from others", async () => {
  for (const form of ["names", "a list"]) {
    const { cache, asked, clock } = aCache({ bytes: 10_000 });
    await cache.commit(writing("unused", 1));
    const shortLived = async (name: string) => {
      const [text, expiresAt] = ["x".repeat(1000), clock.seconds() + 10];
      const value = form === "a list"
        ? [1, expiresAt, text]
        : { version: 1, record: { text, expiresAt } };
      await cache.commit({ checks: [], mutations: [{ type: "set", key: [name], value }] });
    };
    for (let turn = 0; turn < 10; turn++) {
      for (let n = 0; n < 4; n++) await shortLived(`${turn} ${n}`);
      clock.advance(11);
    }
    assertEquals(await valuesOf(cache, "unused"), [1], form);
    assertEquals(asked, [], form);
  }
});

Deno.test("when all have expired, tidying makes room, as a few commits do", async () => {
  for (const work of ["tidying", "commits"]) {
    const { cache, asked, clock } = aCache({ bytes: 900_000 });
    await cache.commit(writing("unused", 1));
    for (let n = 0; n < 1500; n++) {
      const value = { version: 1, record: { expiresAt: clock.seconds() + 60 } };
      await cache.commit({ checks: [], mutations: [{ type: "set", key: [`${n}`], value }] });
    }
    clock.advance(60);
    await cache.commit(writing("other", 1));
    if (work === "tidying") {
      for (let n = 0; n < 100; n++) await entryOf(cache, "other");
      cache.memory?.tidy();
    } else for (let n = 0; n < 7; n++) await cache.commit(writing("other", n));
    // All of this fits only into the room that they took. Else it evicts the oldest.
    const large = Array.from({ length: 70 }, (_, n) => set(`large ${n}`, "x".repeat(10_000)));
    await cache.commit({ checks: [], mutations: large });
    assertEquals(await valuesOf(cache, "unused"), [1], work);
    assertEquals(asked, [], work);
  }
});

Deno.test("records that are hardly read leave memory when it is tidied, and under load they stay", async () => {
  const { cache, asked } = aCache();
  const kind: Derivation<number> = { kind: "sum" };
  const written = await cache.commit(writing("a", 1));
  const seen = new Map([[id(["a"]), { key: ["a"], value: 1, versionstamp: written }]]);
  cache.derived?.keep(kind, "a", 2, seen);
  const fiveTimes = async () => {
    for (let n = 0; n < 5; n++) await entryOf(cache, "a");
  };
  for (let second = 0; second < 4; second++) await fiveTimes();
  assertEquals(cache.memory?.tidy(), true, "it was busy");
  await fiveTimes();
  assertEquals([cache.derived?.find(kind, "a"), asked.length], [2, 0]);
  assertEquals(cache.memory?.tidy(), false, "it was idle");
  assertEquals(cache.recall?.([id(["a"])]), null);
  assertEquals(await valuesOf(cache, "a"), [1]);
  // What was derived is not kept for the case that its records come back.
  assertEquals([cache.derived?.find(kind, "a"), asked], [null, [["a"]]]);
});

Deno.test("an idle process forgets absences too, and what it forgets during a read does not come back outdated", async () => {
  const { cache, asked, hold } = aCache();
  const forget = () => [0, 1].forEach(() => cache.memory?.tidy());
  await entryOf(cache, "absent");
  assert(cache.recall?.([id(["absent"])]));
  forget();
  assertEquals(cache.recall?.([id(["absent"])]), null);

  const read = hold("getMany");
  const old = valuesOf(cache, "a"); // the store answers null, and the answer is late
  await read.applied;
  forget();
  await cache.commit(writing("a", 1));
  read.answer();
  assertEquals(await old, [null]);
  assertEquals(await valuesOf(cache, "a"), [1]);
  forget();
  const commit = hold("commit");
  const written = cache.commit(writing("a", 2));
  await commit.applied;
  forget();
  assertEquals(await valuesOf(cache, "a"), [2]);
  commit.answer();
  await written;
  assertEquals(await valuesOf(cache, "a"), [2]);
  assertEquals(asked, [["absent"], ["a"], ["a"]]);
});

Deno.test("records, absences and derived values together take no more than the limit", async () => {
  const bytes = 200_000;
  const { cache } = aCache({ bytes });
  const text = "x".repeat(500);
  const kind: Derivation<string> = { kind: "text" };
  const [record] = await cache.getMany([["record"]]);
  assert(record);
  const seen = new Map([[id(["record"]), record]]);
  for (let n = 1000; n < 2000; n++) {
    await cache.commit(writing(`${n}`, text));
    await entryOf(cache, `absent ${n}`);
    cache.derived?.keep(kind, `${n}`, text, seen);
  }
  await entryOf(cache, "record");
  let taken = 0;
  for (let n = 1000; n < 2000; n++) {
    const [present, absent] = [id([`${n}`]), id([`absent ${n}`])];
    if (cache.recall?.([present])) taken += sizeOfRecord(present, text);
    if (cache.recall?.([absent])) taken += sizeOfRecord(absent, null);
    if (cache.derived?.find(kind, `${n}`)) taken += sizeOfRecord(`text ${n}`, text);
  }
  assert(taken > 0.9 * bytes && taken <= bytes, `${taken}`);
});

Deno.test("a large record is not cached, so that writing many evicts nothing", async () => {
  const { cache, asked } = aCache();
  await cache.commit(writing("small", 1));
  for (const size of [20_000, 60_000]) {
    const value = { version: 1, record: "x".repeat(size) };
    const mutations = [{ type: "set" as const, key: [`large ${size}`], value }];
    await cache.commit({ checks: [], mutations });
    assertEquals((await entryOf(cache, `large ${size}`)).value, value);
  }
  assertEquals(await valuesOf(cache, "small"), [1]);
  assertEquals(asked, [["large 20000"], ["large 60000"]]);
});

Deno.test("a store that other processes write to cannot be cached", () => {
  const store = memoryKv({ clock: testClock(), remote: true });
  assertThrows(() => cacheReads(store, { clock: testClock(), bytes: 1000 }), Error, "cannot");
});

Deno.test("every batch is one state of the store between its call and its answer", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.scheduler(),
      fc.array(burst, { minLength: 2, maxLength: 12 }),
      fc.constantFrom(roomForAll, roomForOne),
      model,
    ),
    { numRuns: 600 },
  );
});

type ModelCall =
  | { readonly kind: "read"; readonly keys: readonly string[] }
  | {
    readonly kind: "commit";
    readonly sets: readonly string[];
    readonly deletes: readonly string[];
    readonly checks: readonly string[];
    /** Seconds that what is set lives; null: for ever. */
    readonly lives: number | null;
    /** Whether what is set is rarely read. */
    readonly isRare: boolean;
    readonly fails: boolean;
  }
  | { readonly kind: "sweep" }
  | { readonly kind: "tidy" };

const someKeys = fc.uniqueArray(fc.constantFrom("a", "b", "c"), { minLength: 1, maxLength: 3 });
const anyCall: fc.Arbitrary<ModelCall> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("read" as const), keys: someKeys }) },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant("commit" as const),
      sets: fc.uniqueArray(fc.constantFrom("a", "b", "c"), { maxLength: 2 }),
      deletes: fc.uniqueArray(fc.constantFrom("a", "b", "c"), { maxLength: 1 }),
      checks: fc.uniqueArray(fc.constantFrom("a", "b", "c"), { maxLength: 1 }),
      lives: fc.option(fc.integer({ min: 1, max: 3 })),
      isRare: fc.boolean(),
      fails: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("sweep" as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("tidy" as const) }) },
);

/** Calls at the same moment. Mostly few: with many, a key would be in doubt nearly all of the time. */
const burst = fc.oneof(
  { weight: 5, arbitrary: fc.array(anyCall, { minLength: 1, maxLength: 4 }) },
  fc.array(anyCall, { minLength: 5, maxLength: 20 }),
);
/** Of the records of the model, a cache of so many bytes keeps all, or one and an absence. */
const [roomForAll, roomForOne] = [100_000, 5000];
const text = "x".repeat(3000);

/** A store whose calls take effect late and are answered out of order, and what it was at each moment. */
async function model(
  scheduler: fc.Scheduler,
  bursts: readonly (readonly ModelCall[])[],
  bytes: number,
) {
  const clock = testClock();
  const store = memoryKv({ clock });
  const states: string[][] = [];
  const snapshot = async () => {
    const entries = await store.getMany(["a", "b", "c"].map((name) => [name]));
    states.push(entries.map(textOf));
  };
  await snapshot();
  const failing = new Set<CommitBatch>();
  const late: KvBackend = {
    ...store,
    async getMany(keys) {
      await scheduler.schedule(Promise.resolve(), "the store reads");
      const entries = await store.getMany(keys);
      await scheduler.schedule(Promise.resolve(), "the answer arrives");
      return entries;
    },
    async commit(batch) {
      await scheduler.schedule(Promise.resolve(), "the store commits");
      if (failing.has(batch)) throw new Error("database is locked");
      const versionstamp = await store.commit(batch);
      await snapshot();
      await scheduler.schedule(Promise.resolve(), "the outcome arrives");
      return versionstamp;
    },
  };
  const cache = cacheReads(late, { clock, bytes });
  const seen = new Map<string, string | null>();

  for (const [n, calls] of bursts.entries()) {
    await scheduler.waitFor(Promise.all(calls.map((call) => make(call, n))));
  }

  async function make(call: ModelCall, n: number) {
    await scheduler.schedule(Promise.resolve(), `call ${n}`);
    if (call.kind === "tidy") return cache.memory?.tidy();
    if (call.kind === "sweep") {
      clock.advance(1);
      store.sweep();
      return await snapshot();
    }
    if (call.kind === "read") {
      const from = states.length - 1;
      const entries = await cache.getMany(call.keys.map((name) => [name]));
      for (const { key, versionstamp } of entries) seen.set(String(key[0]), versionstamp);
      const got = entries.map(textOf);
      const places = call.keys.map((name) => ["a", "b", "c"].indexOf(name));
      const possible = states.slice(from).map((state) => places.map((place) => state[place]));
      assert(
        possible.some((state) => state.join() === got.join()),
        `${got.join()} was never stored between call and answer`,
      );
      return;
    }
    const expiresAt = call.lives === null ? {} : { expiresAt: clock.seconds() + call.lives };
    const batch: CommitBatch = {
      checks: call.checks.map((name) => ({ key: [name], versionstamp: seen.get(name) ?? null })),
      mutations: [
        ...call.sets.map((name): KvMutation => ({
          type: "set",
          key: [name],
          value: { version: 1, record: { n, text, ...expiresAt } },
          isRare: call.isRare,
          ...(call.lives === null ? {} : { expireIn: call.lives * 1000 }),
        })),
        ...call.deletes.filter((name) => !call.sets.includes(name)).map((name): KvMutation => ({
          type: "delete",
          key: [name],
        })),
      ],
    };
    if (call.fails) failing.add(batch);
    await cache.commit(batch).catch(() => null);
  }
}

function textOf({ value, versionstamp }: RawEntry): string {
  return versionstamp === null ? "-" : `${versionstamp} ${JSON.stringify(value)}`;
}

/** A cache on a store whose next call can be held up. */
function aCache({ bytes = 1_000_000 } = {}) {
  const clock: TestClock = testClock();
  const store = memoryKv({ clock });
  const { backend, hold } = heldKv(store);
  const asked: string[][] = [];
  let failing = false;
  const slow: KvBackend = {
    ...backend,
    getMany(keys) {
      asked.push(keys.map(([name]) => String(name)));
      return backend.getMany(keys);
    },
    commit(batch) {
      if (failing) {
        failing = false;
        return Promise.reject(new Error("database is locked"));
      }
      return backend.commit(batch);
    },
  };
  return {
    clock,
    store,
    asked,
    cache: cacheReads(slow, { clock, bytes }),
    /** The next commit throws, and has written nothing. */
    fail: () => void (failing = true),
    hold,
  };
}

function set(name: string, value: unknown): KvMutation {
  return { type: "set", key: [name], value };
}

function writing(name: string, value: unknown): CommitBatch {
  return { checks: [], mutations: [set(name, value)] };
}

async function entryOf(backend: KvBackend, name: string): Promise<RawEntry> {
  const [entry] = await backend.getMany([[name]]);
  assert(entry);
  return entry;
}

async function valuesOf(backend: KvBackend, ...names: string[]): Promise<unknown[]> {
  const entries = await backend.getMany(names.map((name) => [name]));
  return entries.map(({ value }) => value);
}

Deno.test("rare records take no room, and what was remembered of them is forgotten", async () => {
  const { cache, asked } = aCache();
  const write = (value: number, isRare: boolean) =>
    cache.commit({
      checks: [],
      mutations: [{ type: "set", key: ["event"], value, isRare }],
    });
  await write(1, false);
  assertEquals(await valuesOf(cache, "event"), [1]);
  assertEquals(asked, []);
  await write(2, true);
  assertEquals(await valuesOf(cache, "event"), [2]);
  assertEquals(asked, [["event"]]);
});

Deno.test("the record is kept instead of the list that this process wrote", async () => {
  const { cache, clock, asked } = aCache();
  const record = { scope: ["a"] };
  const write = (name: string, value: unknown) =>
    cache.commit({ checks: [], mutations: [{ type: "set", key: [name], value, record }] });
  await write("list", [1, clock.seconds() + 60, ["a"]]);
  // By its names a record may be that of an earlier version, which lacks some of its members.
  await write("names", { version: 1, record: {} });

  const kept = await entryOf(cache, "list");
  assertEquals([kept.value, kept.record], [null, record]);
  assert(Object.isFrozen(kept.record) && Object.isFrozen(record.scope));
  assertEquals((await entryOf(cache, "names")).record, undefined);
  assertEquals(asked, []);
  clock.advance(60); // the end stands in the list
  assertEquals((await entryOf(cache, "list")).record, undefined);
  assertEquals(asked, [["list"]]);
});
