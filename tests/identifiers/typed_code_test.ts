import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { readTypedCode } from "../../src/identifiers/typed_code.ts";

Deno.test("digits of every script, with any separators, give the same code", () => {
  const spellings = [
    "123456",
    "123 456",
    "123-456",
    "123\u2013456",
    "123.456",
    "\u200e123\u00a0456\u200f", // copied with marks of direction
    "\uff11\uff12\uff13\uff14\uff15\uff16", // full width
    "\u0661\u0662\u0663\u0664\u0665\u0666", // Arabic
    "\u06f1\u06f2\u06f3\u06f4\u06f5\u06f6", // Persian
    "\u0967\u0968\u0969\u096a\u096b\u096c", // Devanagari
    "\u09e7\u09e8\u09e9\u09ea\u09eb\u09ec", // Bengali
    "\u0e51\u0e52\u0e53\u0e54\u0e55\u0e56", // Thai
    "\u{1d7cf}\u{1d7d0}\u{1d7d1}\u{1d7d2}\u{1d7d3}\u{1d7d4}", // mathematical
    "\u0be7\u0be8\u0be9 4 5 6", // Tamil and ASCII
  ];
  for (const spelling of spellings) {
    assertEquals(readTypedCode(spelling), "123456", JSON.stringify(spelling));
  }
});

Deno.test("letters stay unchanged, and reading a code again changes nothing", () => {
  assertEquals(readTypedCode("wdJB-mjht"), "wdJBmjht");
  assertEquals(readTypedCode("x".repeat(100_000)).length, 64);
  fc.assert(fc.property(fc.string({ unit: "grapheme" }), (typed) => {
    const code = readTypedCode(typed.slice(0, 16));
    assertEquals(readTypedCode(code), code);
  }));
});
