import { assert, assertEquals } from "@std/assert";
import * as fc from "fast-check";
import { denoBackend } from "../../../stores/engine/deno_backend.ts";
import { asTexts } from "../../../stores/engine/list_form.ts";
import { anyText } from "../../support/any_text.ts";

/** What the store gives back for a value, without and with a text in between. */
const kept = (value: unknown): unknown => structuredClone(value);
const readAgain = (value: unknown): unknown =>
  asTexts.read(structuredClone(asTexts.written(value)));

/** The same without the missing members of objects, which a text leaves out. */
function withoutMissing(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutMissing);
  if (typeof value !== "object" || value === null) return value;
  if (Object.getPrototypeOf(value) !== Object.prototype) return value;
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  return Object.fromEntries(members.map(([name, member]) => [name, withoutMissing(member)]));
}

Deno.test("a local file gives back every list as it was", () => {
  const special = fc.constantFrom<unknown>(
    ...[undefined, null, "", "~", "null", '"', "[", "\ud800", "\u0000", -0, NaN, 1 / 0, 2n],
    ...[new Date(0), new Uint8Array([1]), [], {}, [undefined], ["~"], { a: undefined }, {
      a: [-0],
    }],
    ...[{ a: [undefined] }, { a: "~" }, [["~"]], [[undefined, null]], new Map([[1, 2]])],
    ...[{ toJSON: "x" }, JSON.parse('{"__proto__":1}')],
  );
  const plain = fc.oneof(anyText(), fc.integer(), fc.double(), fc.boolean());
  const member = fc.oneof(special, plain, fc.object({ maxDepth: 2 }), fc.array(plain));
  fc.assert(fc.property(fc.oneof(fc.array(member), member), (value) => {
    assertEquals(withoutMissing(readAgain(value)), withoutMissing(kept(value)));
  }));
});

Deno.test("a local file gives back what JSON would change, wherever it is", () => {
  const values = [
    ...[-0, NaN, Infinity, 2n, 1e21, 5e-324, "1", "\ud800", "\u2028", "~", "[1]", '"a"', null],
    ...[new Date(0), new Map([[1, 2]]), new Set([1]), new Uint8Array([1]), /x/, Object(true)],
    ...[[, 1], [[, 1]], { 2: "b", 1: "a" }, { toJSON: "x" }, JSON.parse('{"__proto__":{"a":1}}')],
  ];
  const seen = (value: unknown) =>
    Deno.inspect(value, { depth: 9 }).replaceAll("<1 empty item>", "undefined");
  for (const value of values) {
    const within = [value, [value], [[value]], [{ a: value }], [{ a: [value] }], [1, value]];
    for (const each of within) assertEquals(seen(readAgain(each)), seen(kept(each)));
  }
});

Deno.test("a missing member of a list is not one that is null", () => {
  const list = [2, 1700000000, undefined, null, ["x", undefined, null], { scope: ["openid"] }];
  assertEquals(typeof asTexts.written(list), "string");
  assertEquals(readAgain(list), list);
});

Deno.test("a long list, or one with many escapes, is no text that would pass the 64 KB of a value", () => {
  for (const character of ["\u0001", '"', "é", "語", "\ud800"]) {
    for (const length of [100, 1000, 2000, 8000, 20_000]) {
      const stored = asTexts.written([1, 2, character.repeat(length)]);
      assert(typeof stored !== "string" || stored.length <= 8192, `${character} ${length}`);
    }
  }
});

Deno.test("only a store that no other release reads holds lists as texts", async () => {
  const kv = await Deno.openKv(":memory:");
  try {
    const list = [1, null, "a", undefined];
    for (const remote of [false, true]) {
      const backend = denoBackend(kv, { remote });
      for (const value of [list, { version: 1, record: list }]) {
        await backend.commit({ checks: [], mutations: [{ type: "set", key: ["k"], value }] });
        const stored = (await kv.get(["k"])).value;
        assertEquals(typeof stored === "string", !remote && value === list);
        assertEquals((await backend.getMany([["k"]]))[0]?.value, value);
        assertEquals((await backend.list({ prefix: [] }, { limit: 1 })).entries[0]?.value, value);
      }
    }
    await kv.set(["k"], list); // as builds before this release did
    const local = denoBackend(kv, { remote: false });
    assertEquals((await local.getMany([["k"]]))[0]?.value, list);
  } finally {
    kv.close();
  }
});

Deno.test("processes that share a store read the records that one process wrote to it as a local file", async () => {
  const kv = await Deno.openKv(":memory:");
  try {
    const [file, shared] = [false, true].map((remote) => denoBackend(kv, { remote }));
    for (const value of [[1, null, ["own", 3], undefined], { version: 1, record: ["a"] }]) {
      await file?.commit({ checks: [], mutations: [{ type: "set", key: ["k"], value }] });
      assertEquals((await shared?.getMany([["k"]]))?.[0]?.value, value);
      const page = await shared?.list({ prefix: [] }, { limit: 1 });
      assertEquals(page?.entries[0]?.value, value);
    }
  } finally {
    kv.close();
  }
});
