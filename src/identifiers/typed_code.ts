/** A longer text is no code; it is cut before it is normalised, which could take long. */
const longestCode = 64;

let digits: ReadonlyMap<string, string> | null = null;

/**
 * A code as somebody typed or pasted it, for whichever kind of code reads it next: the digits of any
 * script are those of ASCII, and all that stands between letters and digits is gone (blanks, hyphens of
 * any length, dots, marks of direction that come along when text is copied). Case is as it was.
 */
export function readTypedCode(typed: string): string {
  digits ??= digitsOfAllScripts();
  const known = digits;
  const text = typed.slice(0, longestCode).normalize("NFKC");
  return text.replaceAll(/\p{Nd}/gu, (digit) => known.get(digit) ?? digit)
    .replaceAll(/[^\p{L}\p{N}]/gu, "");
}

/** By the numbering systems that the platform knows, each of ten digits. @see UTS 35 part 3, section 1 */
function digitsOfAllScripts(): ReadonlyMap<string, string> {
  const map = new Map<string, string>();
  for (const system of Intl.supportedValuesOf("numberingSystem")) {
    const format = new Intl.NumberFormat("en", { numberingSystem: system, useGrouping: false });
    for (let digit = 0; digit <= 9; digit++) map.set(format.format(digit), String(digit));
  }
  return map;
}
