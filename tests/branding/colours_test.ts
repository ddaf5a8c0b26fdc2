import { assert, assertEquals } from "@std/assert";
import { brandColours, colourProblem, lightAccent } from "../../src/config/colours.ts";
import { stylesheet } from "../../src/ui/stylesheet.ts";
import { coloursOf, contrast } from "../support/contrast.ts";

const steps = ["00", "2e", "5c", "8a", "b8", "e6", "ff"];
const everyHue = steps.flatMap((r) => steps.flatMap((g) => steps.map((b) => `#${r}${g}${b}`)));

// Front, back, least contrast; the second of each is a colour of the stylesheet or of the brand.
const pairs = [
  ["accent", "ground", 4.5],
  ["accent", "surface", 4.5],
  ["accent", "sunk", 4.5],
  ["accent-strong", "surface", 4.5],
  ["on-accent", "accent", 4.5],
  ["on-accent", "accent-strong", 4.5],
  ["key", "door", 3],
] as const;

Deno.test("every colour of a brand is readable on every background, light and dark", () => {
  const usable = everyHue.filter((colour) => colourProblem(colour) === null);
  assert(usable.length > 250, `${usable.length}`);
  for (const colour of usable) {
    const schemes = schemesOf(stylesheet + brandColours(colour));
    for (const [scheme, colours] of Object.entries(schemes)) {
      for (const [front, back, least] of pairs) {
        const ratio = contrast(colours.get(front) ?? "", colours.get(back) ?? "");
        assert(ratio >= least, `${colour} ${scheme}: ${front} on ${back} is ${ratio.toFixed(2)}`);
      }
    }
  }
});

Deno.test("a colour that is already readable stays unchanged", () => {
  assertEquals(lightAccent("#5b21b6"), "#5b21b6");
  assert(brandColours("#8fd4b4").includes("--accent:#8fd4b4"), "in the dark");
});

Deno.test("a colour that is nearly white is refused with an explanation", () => {
  for (const colour of ["#ffffff", "#ffffcc", "#e6ffe6"]) {
    assert(colourProblem(colour)?.includes("choose a darker one"), colour);
  }
  for (const text of ["", "red", "#12345", "#1234567", "1b5641", "#gggggg", "#123456;}"]) {
    assert(colourProblem(text)?.startsWith("must be a colour as #rrggbb"), text);
  }
});

function schemesOf(css: string): Record<"light" | "dark", Map<string, string>> {
  const dark = "@media screen and (prefers-color-scheme:dark)";
  const [light1 = "", middle = "", last = ""] = css.split(dark);
  // Between the two dark blocks the rest of the stylesheet stands, and then the brand's light colours.
  const brandLight = middle.slice(middle.lastIndexOf(":root{"));
  const usualDark = middle.slice(0, middle.indexOf("}\n}"));
  return { light: coloursOf(light1 + brandLight), dark: coloursOf(usualDark + last) };
}
