import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { denoBackend } from "../../../stores/engine/deno_backend.ts";
import type { KvBackend, KvMutation } from "../../../stores/engine/kv.ts";
import type { RawEntry } from "../../../stores/engine/raw_entry.ts";
import { testClock } from "../../support/clock.ts";
import { memoryKv } from "../../support/memory_kv.ts";

/** One call of a random program. A check is on what the program saw last, on absence, or on a guess. */
type Call =
  | { readonly kind: "commit"; readonly checks: Check[]; readonly mutations: KvMutation[] }
  | { readonly kind: "getMany"; readonly keys: Deno.KvKey[] }
  | { readonly kind: "list"; readonly selector: Deno.KvListSelector; readonly options: Options }
  | { readonly kind: "nextPage" };
interface Check {
  readonly key: Deno.KvKey;
  readonly expects: "seen" | "absent" | "another";
}
interface Options {
  readonly limit: number;
  readonly reverse: boolean;
}

Deno.test("the simulation's store gives the same answers as the real store", async () => {
  await fc.assert(
    fc.asyncProperty(programs(), async (program) => {
      const real = denoBackend(await Deno.openKv(":memory:"), { remote: false });
      const ours = memoryKv({ clock: testClock() });
      const [expected, got] = [answersOf(real, program), answersOf(ours, program)];
      try {
        assertEquals(await got, await expected);
      } finally {
        real.close();
      }
    }),
    // The same programs each time. With others the real store now and then answers a page twice, where
    // a range ends below its own first key: no list of ours asks for such a range.
    { numRuns: 200, seed: 20260501 },
  );
});

Deno.test("an expired record can be read until the store is swept", async () => {
  const clock = testClock();
  const store = memoryKv({ clock });
  const set = (key: string, expireIn?: number): KvMutation =>
    expireIn === undefined
      ? { type: "set", key: [key], value: key }
      : { type: "set", key: [key], value: key, expireIn };
  await store.commit({
    checks: [],
    mutations: [set("brief", 1000), set("long", 60_000), set("kept")],
  });
  await store.commit({ checks: [], mutations: [set("renewed", 1000)] });
  await store.commit({ checks: [], mutations: [set("renewed")] });
  clock.advance(10);
  const keys = async () =>
    (await store.list({ prefix: [] }, { limit: 9 })).entries.map(({ key }) => key[0]);

  assertEquals(await keys(), ["brief", "kept", "long", "renewed"]);
  store.sweep();
  assertEquals(await keys(), ["kept", "long", "renewed"]);
});

/** Runs a program. Versionstamps are numbered as they appear: only which are the same can be compared. */
async function answersOf(store: KvBackend, program: readonly Call[]): Promise<unknown[]> {
  const seen = new Map<string, string | null>();
  const numbers = new Map<string | null, number>([[null, 0]]);
  let listing: { selector: Deno.KvListSelector; options: Options; cursor: string } | null = null;

  const answers = [];
  for (const call of program) {
    answers.push(await answerTo(call).catch((error) => `${error.name}: ${error.message}`));
  }
  return answers;

  async function answerTo(call: Call): Promise<unknown> {
    switch (call.kind) {
      case "commit": {
        const checks = call.checks.map(({ key, expects }) => ({
          key,
          versionstamp: stamp(key, expects),
        }));
        const mutations = call.mutations.map(inFull);
        const versionstamp = await store.commit({ checks, mutations });
        return mutations.length > 0 ? numberOf(versionstamp) : versionstamp !== null;
      }
      case "getMany":
        return (await store.getMany(call.keys)).map(told);
      case "list":
        return await page(call.selector, call.options);
      case "nextPage":
        return listing && await page(listing.selector, listing.options, listing.cursor);
    }
  }

  async function page(selector: Deno.KvListSelector, options: Options, cursor?: string) {
    listing = null;
    const found = await store.list(
      selector,
      cursor === undefined ? options : { ...options, cursor },
    );
    if (found.cursor !== null) listing = { selector, options, cursor: found.cursor };
    return { entries: found.entries.map(told), isLast: found.cursor === null };
  }

  function stamp(key: Deno.KvKey, expects: Check["expects"]): string | null {
    if (expects === "absent") return null;
    return expects === "seen" ? seen.get(String(key)) ?? null : "00000000000000ffffff";
  }

  function told({ key, value, versionstamp }: RawEntry) {
    seen.set(String(key), versionstamp);
    return { key, value, number: numberOf(versionstamp) };
  }

  function numberOf(versionstamp: string | null): number {
    const number = numbers.get(versionstamp) ?? numbers.size;
    numbers.set(versionstamp, number);
    return number;
  }
}

/** A long text is told by its length, so that a failing program can be read. */
function inFull(mutation: KvMutation): KvMutation {
  if (mutation.type === "delete") return mutation;
  const { letters } = Object(mutation.value);
  return typeof letters === "number" ? { ...mutation, value: "v".repeat(letters) } : mutation;
}

/** Programs that come back to a few keys, so that their calls have to do with each other. */
function programs(): fc.Arbitrary<Call[]> {
  const few = fc.array(keys(), { minLength: 1, maxLength: 8, size: "max" });
  return few.chain((pool) =>
    fc.array(calls(fc.constantFrom(...pool)), { maxLength: 30, size: "max" })
  );
}

function keys(): fc.Arbitrary<Deno.KvKey> {
  return fc.array(parts(), { minLength: 1, maxLength: 3 });
}

function parts(): fc.Arbitrary<string | number> {
  return fc.oneof(
    fc.constantFrom("", "a", "a", "b", "a\0", "é", "\uffff", "\u{1f600}"),
    fc.constantFrom(0, 1, -1, 1.5, -1.5, 1e300, -1e300, 2 ** 40, Infinity, -Infinity),
  );
}

function calls(usualKey: fc.Arbitrary<Deno.KvKey>): fc.Arbitrary<Call> {
  const key = fc.oneof(
    { weight: 40, arbitrary: usualKey },
    { weight: 1, arbitrary: fc.constantFrom([], ["k".repeat(2046)], ["k".repeat(2047)]) },
  );
  const value = fc.oneof(
    { weight: 10, arbitrary: fc.jsonValue() },
    {
      weight: 1,
      arbitrary: fc.constantFrom(
        undefined,
        new Date(0),
        new Uint8Array([1, 2]),
        { letters: 65_530 }, // the longest that fits
        { letters: 65_531 },
      ),
    },
  );
  const mutation: fc.Arbitrary<KvMutation> = fc.oneof(
    fc.record({ type: fc.constant("set" as const), key, value }),
    fc.record({ type: fc.constant("set" as const), key, value, expireIn: fc.constant(3_600_000) }),
    fc.record({ type: fc.constant("delete" as const), key }),
  );
  const check = fc.record({ key, expects: fc.constantFrom("seen", "seen", "absent", "another") });
  const options = fc.record({ limit: fc.integer({ min: 1, max: 5 }), reverse: fc.boolean() });
  const prefix = usualKey.map((key) => key.slice(0, -1));
  const longer = fc.tuple(usualKey, keys()).map(([prefix, rest]) => [...prefix, ...rest]);
  const selector: fc.Arbitrary<Deno.KvListSelector> = fc.oneof(
    fc.record({ prefix }),
    fc.record({ start: usualKey, end: usualKey }),
    fc.record({ prefix: fc.constant(["a"]), start: usualKey }),
    longer.chain((start) =>
      fc.record({ prefix: fc.constant(start.slice(0, 1)), start: fc.constant(start) })
    ),
    longer.chain((end) =>
      fc.record({ prefix: fc.constant(end.slice(0, 1)), end: fc.constant(end) })
    ),
  );
  return fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({
        kind: fc.constant("commit" as const),
        checks: fc.array(check, { maxLength: 2 }),
        mutations: fc.array(mutation, { maxLength: 5 }),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        kind: fc.constant("getMany" as const),
        keys: fc.array(key, { maxLength: 11, size: "max" }),
      }),
    },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant("list" as const), selector, options }) },
    { weight: 2, arbitrary: fc.constant({ kind: "nextPage" as const }) },
  );
}
