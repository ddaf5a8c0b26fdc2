/** A longer text is no code. Cut it before normalising, which could take long. */
const longestCode = 64;

let digits: ReadonlyMap<string, string> | null = null;

/**
 * Cleans a typed or pasted code of any kind: digits of any script become ASCII digits, and everything
 * between letters and digits is removed (blanks, hyphens of any length, dots, and direction marks that
 * are copied with a text). The case stays.
 */
export function readTypedCode(typed: string): string {
  digits ??= digitsOfAllScripts();
  const known = digits;
  const text = typed.slice(0, longestCode).normalize("NFKC");
  return text.replaceAll(/\p{Nd}/gu, (digit) => known.get(digit) ?? digit)
    .replaceAll(/[^\p{L}\p{N}]/gu, "");
}

/** The numbering systems that the platform knows, with ten digits each. @see UTS 35 part 3, section 1 */
function digitsOfAllScripts(): ReadonlyMap<string, string> {
  const map = new Map<string, string>();
  for (const system of Intl.supportedValuesOf("numberingSystem")) {
    const format = new Intl.NumberFormat("en", { numberingSystem: system, useGrouping: false });
    for (let digit = 0; digit <= 9; digit++) map.set(format.format(digit), String(digit));
  }
  return map;
}
