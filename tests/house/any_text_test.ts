import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { anyText } from "../support/any_text.ts";
import { testSources } from "./source_files.ts";

Deno.test("any text has characters of each kind, and shrinks to the one that matters", () => {
  const texts = fc.sample(anyText({ maxLength: 64 }), { seed: 1, numRuns: 1000 });
  const all = texts.join("");
  assertEquals(all, all.toWellFormed());
  for (const kind of [/\p{Control}/u, /\p{Letter}/u, /\p{Unassigned}/u, /\p{Private_Use}/u]) {
    assert(kind.test(all), String(kind));
  }
  assert(texts.includes(""));

  const { counterexample } = fc.check(
    fc.property(anyText(), (text) => !/[\ue000-\u{10ffff}]/u.test(text)),
    { seed: 1 },
  );
  assertEquals(counterexample, ["\ue000"]);
});

Deno.test("no test waits for fast-check's table of all characters", async () => {
  const using: string[] = [];
  for (const path of await testSources()) {
    const text = await Deno.readTextFile(new URL(`../../${path}`, import.meta.url));
    if (/unit: ?["']binary/.test(text.replaceAll(/^ *\*.*$/gm, ""))) using.push(path);
  }
  assertEquals(using, [], "anyText of tests/support/any_text.ts gives the same texts");
});
