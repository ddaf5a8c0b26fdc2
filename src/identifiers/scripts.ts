// The scripts in everyday use, and those of limited use (UAX 31 tables 5 and 7). A name in any other
// script, such as hieroglyphs, is refused: such scripts are not used for names today, and many look like
// Latin.
const scripts =
  `Arab Armn Beng Bopo Cyrl Deva Ethi Geor Grek Gujr Guru Hang Hani Hebr Hira Kana Khmr Knda
Laoo Latn Mlym Mymr Orya Sinh Taml Telu Thaa Thai Tibt
Adlm Bali Bamu Batk Cakm Cans Cham Cher Java Kali Lana Lepc Limb Lisu Mand Mtei Newa Nkoo Olck Rohg Saur
Sund Sylo Syrc Tale Talu Tavt Tfng Vaii Yiii`.split(/\s+/);
/** Scripts that are written together. @see UTS 39 section 5.2 (Highly Restrictive) */
const together = [
  ["Latn", "Hani", "Hira", "Kana"],
  ["Latn", "Hani", "Bopo"],
  ["Latn", "Hani", "Hang"],
];

let patterns: readonly RegExp[] | null = null;

/**
 * Whether a text uses one script, or scripts that are normally used together. Digits, punctuation and
 * accents belong to all scripts. Mixing Latin with Cyrillic or Greek letters is the way to imitate
 * another name.
 * @see UTS 39 section 5.1 (Mixed-Script Detection)
 */
export function isOfOneScript(text: string): boolean {
  patterns ??= [...scripts.map((script) => [script]), ...together].map(patternOf);
  return patterns.some((pattern) => pattern.test(text));
}

function patternOf(allowed: readonly string[]): RegExp {
  const classes = allowed.map((script) => `\\p{Script_Extensions=${script}}`).join("");
  return new RegExp(`^[${classes}\\p{Script=Zyyy}\\p{Script=Zinh}]*$`, "u");
}
