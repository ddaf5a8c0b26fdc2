import { assert, assertEquals } from "@std/assert";
import { stylesheet } from "../../src/ui/stylesheet.ts";
import { coloursOf, contrast } from "../support/contrast.ts";

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
