import fc from "fast-check";

/**
 * Any text that is Unicode: `fc.string({ unit: "binary" })`, which gives the same texts. That one makes a
 * table of all characters before its first text, which takes longer than most files of tests.
 */
export function anyText(
  lengths: { readonly minLength?: number; readonly maxLength?: number } = {},
): fc.Arbitrary<string> {
  return fc.string({ ...lengths, unit: anyCharacter });
}

/** Half a pair is no character. */
const surrogates = { from: 0xd800, count: 0x800 };

const anyCharacter = fc.nat({ max: 0x10ffff - surrogates.count }).map(
  (n) => String.fromCodePoint(n < surrogates.from ? n : n + surrogates.count),
  (text) => {
    const point = typeof text === "string" ? text.codePointAt(0) ?? NaN : NaN;
    if (Number.isNaN(point) || String.fromCodePoint(point) !== text) {
      throw new Error("not one character");
    }
    return point < surrogates.from ? point : point - surrogates.count;
  },
);
