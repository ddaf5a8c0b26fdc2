import { assert, assertEquals } from "@std/assert";
import { stylesheet } from "../../src/ui/stylesheet.ts";

// WCAG 2.2: 1.4.3 asks 4.5 of text, 1.4.11 asks 3 of what shows a control or its focus.
const text = [
  ["ink", "ground"],
  ["ink", "surface"],
  ["ink", "sunk"],
  ["muted", "ground"],
  ["muted", "surface"],
  ["muted", "sunk"],
  ["accent", "ground"],
  ["accent", "surface"],
  ["accent", "sunk"],
  ["accent-strong", "surface"],
  ["on-accent", "accent"],
  ["on-accent", "accent-strong"],
  ["danger", "surface"],
  ["danger", "danger-sunk"],
  ["surface", "danger"],
  ["ink", "danger-sunk"],
  ["jwt-0", "surface"],
  ["jwt-0", "sunk"],
  ["jwt-1", "sunk"],
  ["jwt-2", "sunk"],
];
const controls = [
  ["edge", "surface"],
  ["edge", "sunk"],
  ["focus", "surface"],
  ["focus", "ground"],
  ["focus", "sunk"],
  ["brass", "surface"],
  ["key", "door"],
];

Deno.test("colours have the contrast of WCAG 2.2 AA, light and dark", () => {
  const [light = "", dark = ""] = stylesheet.split("@media screen and (prefers-color-scheme:dark)");
  for (
    const [scheme, colours] of [["light", coloursOf(light)], ["dark", coloursOf(dark)]] as const
  ) {
    for (const [pairs, least] of [[text, 4.5], [controls, 3]] as const) {
      for (const [front = "", back = ""] of pairs) {
        const ratio = contrast(colours.get(front) ?? "", colours.get(back) ?? "");
        assert(ratio >= least, `${scheme}: ${front} on ${back} is ${ratio.toFixed(2)}`);
      }
    }
  }
});

Deno.test("the stylesheet loads nothing and closes what it opens", () => {
  assert(!/@import|url\(/.test(stylesheet));
  assertEquals(stylesheet.split("{").length, stylesheet.split("}").length);
});

function coloursOf(css: string): Map<string, string> {
  const colours = css.matchAll(/--([\w-]+):#([0-9a-f]{6}|[0-9a-f]{3})\b/g);
  return new Map([...colours].map(([, name = "", hex = ""]) => [name, hex]));
}

function contrast(front: string, back: string): number {
  const [a = 0, b = 0] = [luminance(front), luminance(back)].sort((x, y) => y - x);
  return (a + 0.05) / (b + 0.05);
}

/** @see WCAG 2.2, definition of relative luminance */
function luminance(hex: string): number {
  const full = hex.length === 3 ? hex.replace(/./g, "$&$&") : hex;
  const [red = 0, green = 0, blue = 0] = [0, 2, 4]
    .map((at) => parseInt(full.slice(at, at + 2), 16) / 255)
    .map((c) => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
