import { confusables } from "./confusables.ts";
import { folded, withoutInvisible } from "./folding.ts";

let prototypes: ReadonlyMap<string, string> | null = null;

/**
 * Equal for texts that look alike: `paypal` in Latin and in Cyrillic letters, `rn` and `m`, `1` and `l`.
 * It is for comparison only and is never shown. Case makes no difference, as in usernames.
 *
 * @see UTS 39 section 4 (Confusable Detection)
 */
export function skeleton(text: string): string {
  prototypes ??= readPrototypes();
  const known = prototypes;
  const letters = [...withoutInvisible(folded(text).normalize("NFD"))];
  const mapped = letters.map((letter) => known.get(letter) ?? letter).join("");
  return mapped.normalize("NFD").toLowerCase();
}

/** The data as a map. Creating it takes some milliseconds, so it is created at first use. */
function readPrototypes(): ReadonlyMap<string, string> {
  const map = new Map<string, string>();
  for (const group of confusables.trim().split(/\s+/)) {
    const [prototype = "", sources = ""] = group.split("=");
    const target = prototype.split(".").map(character).join("");
    for (const source of sources.split(",")) map.set(character(source), target);
  }
  return map;
}

function character(base36: string): string {
  return String.fromCodePoint(parseInt(base36, 36));
}
