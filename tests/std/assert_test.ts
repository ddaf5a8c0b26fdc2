import {
  assert,
  assertEquals,
  assertFalse,
  AssertionError,
  assertMatch,
  assertNotEquals,
  assertObjectMatch,
  assertRejects,
  assertStringIncludes,
  assertThrows,
  fail,
} from "@std/assert";
import { equal } from "./assert/equal.ts";

// `assert` alone is taken on trust here; the rest is told by what a plain try shows.
function failure(fn: () => unknown): AssertionError | null {
  try {
    fn();
    return null;
  } catch (error) {
    assert(error instanceof AssertionError, String(error));
    return error;
  }
}

async function rejection(promise: Promise<unknown>): Promise<unknown> {
  return await promise.then(() => null, (error) => error);
}

function bytes(...values: number[]): Uint8Array {
  return new Uint8Array(values);
}

function circle(name: string): object {
  const value: Record<string, unknown> = { name };
  value.self = value;
  return value;
}

class Door {
  constructor(readonly open: boolean) {}
}

Deno.test("values of the same shape and content are equal", () => {
  const pairs: [unknown, unknown][] = [
    [NaN, NaN],
    [0, -0],
    ["a", "a"],
    [{ a: 1, b: [2, { c: 3 }] }, { b: [2, { c: 3 }], a: 1 }],
    [[1, undefined], [1, undefined]],
    [new Date(5), new Date(5)],
    [/a/g, /a/g],
    [new URL("https://a.example/"), new URL("https://a.example")],
    [new Headers({ A: "1" }), new Headers({ a: "1" })],
    [bytes(1, 2), bytes(0, 1, 2).subarray(1)],
    [bytes(1).buffer, bytes(1).buffer],
    [new Set([{ a: 1 }, { a: 2 }]), new Set([{ a: 2 }, { a: 1 }])],
    [new Map([[{ k: 1 }, "a"], [{ k: 2 }, "b"]]), new Map([[{ k: 2 }, "b"], [{ k: 1 }, "a"]])],
    [new Error("no"), new Error("no")],
    [new Door(true), new Door(true)],
    [Object.assign(Object.create(null), { a: 1 }), { a: 1 }],
    [circle("a"), circle("a")],
    [{ [Symbol.for("s")]: 1 }, { [Symbol.for("s")]: 1 }],
  ];
  for (const [a, b] of pairs) assert(equal(a, b) && equal(b, a), Deno.inspect([a, b]));
});

Deno.test("values that differ anywhere are not equal", () => {
  const pairs: [unknown, unknown][] = [
    [1, "1"],
    [1, 1n],
    [null, undefined],
    [{ a: undefined }, {}],
    [{ a: undefined }, { b: undefined }],
    [[], {}],
    [[1], [1, undefined]],
    [[undefined], Array(1)],
    [[1, 2], [2, 1]],
    [{ a: { b: 1 } }, { a: { b: 2 } }],
    [new Date(5), new Date(6)],
    [new Date(NaN), new Date(0)],
    [/a/g, /a/i],
    [new URL("https://a.example/"), new URL("https://b.example/")],
    [new URLSearchParams("a=1"), new URLSearchParams("a=2")],
    [new Headers({ a: "1" }), new Headers()],
    [bytes(1, 2), bytes(1, 3)],
    [bytes(1), new Uint16Array([1])],
    [bytes(1), [1]],
    [new Set([1]), new Set([1, 2])],
    [new Set([{ a: 1 }]), new Set([{ a: 2 }])],
    [new Set([1, 1, 2]), new Set([2, 3])],
    [new Map([["a", 1]]), new Map([["a", 2]])],
    [new Map([["a", undefined]]), new Map([["b", undefined]])],
    [new Error("no"), new Error("yes")],
    [new Error("no"), new TypeError("no")],
    [new Door(true), new Door(false)],
    [new Door(true), { open: true }],
    [circle("a"), circle("b")],
    [() => 1, () => 1],
    [Promise.resolve(1), Promise.resolve(1)],
    [Symbol("s"), Symbol("s")],
    [{ [Symbol.for("s")]: 1 }, { [Symbol.for("s")]: 2 }],
  ];
  for (const [a, b] of pairs) assert(!equal(a, b) && !equal(b, a), Deno.inspect([a, b]));
});

Deno.test("assertEquals says which lines differ", () => {
  assert(failure(() => assertEquals({ a: 1 }, { a: 1 })) === null);
  const error = failure(() => assertEquals({ a: 1, b: 2, c: 3 }, { a: 1, b: 4, c: 3 }, "the door"));
  const lines = error!.message.split("\n");
  assert(lines[0] === "Values are not equal: the door", lines[0]);
  assert(lines.includes("      a: 1,") && lines.includes("      c: 3,"), error!.message);
  assert(lines.includes("-     b: 2,") && lines.includes("+     b: 4,"), error!.message);
});

Deno.test("assertEquals compares texts line by line", () => {
  const message = failure(() => assertEquals("a\nb\nc\n", "a\nc\nd\n"))!.message;
  assert(message.includes("    a\n-   b\n    c\n+   d\n"), message);
});

Deno.test("assertEquals survives what is too large to compare line by line", () => {
  const numbers = Array.from({ length: 2_000 }, (_, index) => index);
  const message = failure(() => assertEquals(numbers, numbers.map((n) => -n - 1)))!.message;
  assert(message.includes("-     1999,") && message.includes("+     -2000,"));
});

Deno.test("each assertion passes on what it holds and fails on what it does not", () => {
  const cases: [name: string, passes: () => void, fails: () => void][] = [
    ["assert", () => assert(1), () => assert(0)],
    ["assertFalse", () => assertFalse(""), () => assertFalse("a")],
    ["assertNotEquals", () => assertNotEquals([1], [2]), () => assertNotEquals([1], [1])],
    ["assertMatch", () => assertMatch("abc", /b/), () => assertMatch("abc", /d/)],
    [
      "assertStringIncludes",
      () => assertStringIncludes("abc", "bc"),
      () => assertStringIncludes("abc", "cb"),
    ],
  ];
  for (const [name, passes, fails] of cases) {
    assert(failure(passes) === null, `${name} fails where it should pass`);
    assert(failure(fails) !== null, `${name} passes where it should fail`);
  }
  assert(failure(() => fail("closed"))!.message === "Failed assertion: closed");
});

Deno.test("a global pattern matches from the start each time", () => {
  const pattern = /a/g;
  assertMatch("a", pattern);
  assertMatch("a", pattern);
});

Deno.test("assertObjectMatch asks only for the members it names, at any depth", () => {
  const actual = { a: 1, b: { c: 2, d: 3 }, list: [{ e: 4, f: 5 }], at: new Date(6) };
  assertObjectMatch(actual, {});
  assertObjectMatch(actual, { b: { d: 3 }, list: [{ e: 4 }], at: new Date(6) });
  const wrong: object[] = [
    { a: 2 },
    { b: { d: 4 } },
    { b: { g: undefined } },
    { list: [] },
    { list: [{ e: 5 }] },
    { list: [{ e: 4 }, { e: 4 }] },
    { at: new Date(7) },
    { z: 1 },
  ];
  for (const pattern of wrong) {
    assert(failure(() => assertObjectMatch(actual, pattern)) !== null, Deno.inspect(pattern));
  }
});

Deno.test("assertThrows returns the error, and refuses another class, another message or none", () => {
  const throws = () => {
    throw new TypeError("not a door");
  };
  const error: TypeError = assertThrows(throws, TypeError, "a door");
  assert(error.message === "not a door");
  assert(assertThrows(throws) instanceof TypeError);
  assert(failure(() => assertThrows(throws, RangeError)) !== null);
  assert(failure(() => assertThrows(throws, TypeError, "window")) !== null);
  assert(failure(() => assertThrows(() => 1))!.message === "Expected function to throw");
  assert(failure(() => assertThrows(() => 1, TypeError)) !== null);
});

Deno.test("assertRejects returns the reason, and refuses a throw, another class or a value", async () => {
  const rejects = () => Promise.reject(new TypeError("not a door"));
  const error: TypeError = await assertRejects(rejects, TypeError, "a door");
  assert(error.message === "not a door");
  assert(await assertRejects(() => Promise.reject(1)) === 1);

  const throws = (): Promise<void> => {
    throw new TypeError("not a door");
  };
  for (
    const wrong of [
      assertRejects(throws, TypeError),
      assertRejects(rejects, RangeError),
      assertRejects(rejects, TypeError, "window"),
      assertRejects(() => Promise.resolve(1)),
      assertRejects(() => Promise.reject(1), TypeError),
    ]
  ) {
    assert(await rejection(wrong) instanceof AssertionError);
  }
});
