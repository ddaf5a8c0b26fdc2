import { assert, assertEquals } from "@std/assert";
import { chooseLanguage, type Language, strings } from "../../src/language/languages.ts";
import { supportedLanguages } from "../../src/language/supported_languages.ts";

type Texts = Readonly<Record<string, string>>;

/** Dotted path to text, for every text of a language. */
function textsOf(language: Language): Texts {
  const texts: Record<string, string> = {};
  const walk = (value: unknown, path: string) => {
    if (typeof value === "string") texts[path] = value;
    else for (const [k, v] of Object.entries(value ?? {})) walk(v, path ? `${path}.${k}` : k);
  };
  walk(strings(language), "");
  return texts;
}

/** Paths of texts of several words that are the same in every language: names of things. */
const sameEverywhere: readonly string[] = [];

/** What is wrong with a language, as a translator would be told. */
function problemsOf(texts: Texts, english: Texts, same = sameEverywhere): string[] {
  const problems: string[] = [];
  for (const path of Object.keys(english)) {
    if (!Object.hasOwn(texts, path)) problems.push(`${path} is missing`);
  }
  for (const [path, text] of Object.entries(texts)) {
    const original = english[path];
    if (original === undefined) {
      problems.push(`${path} is not in English`);
      continue;
    }
    if (text.trim() === "") problems.push(`${path} is empty`);
    if (String(placesOf(text)) !== String(placesOf(original))) {
      problems.push(`${path} has other places: ${placesOf(text)}`);
    }
    if (/[{}]/.test(text.replaceAll(/\{\w+\}/g, ""))) problems.push(`${path} has half a place`);
    if (text.trim() !== text || text.includes("  ")) problems.push(`${path} has stray spaces`);
    // Two parts of a text that were put together without a space between them.
    if (/\p{Ll}[.,;:?!]\p{Lu}/u.test(text)) problems.push(`${path} lacks a space`);
    const words = text.split(" ").length;
    if (texts !== english && text === original && words > 2 && !same.includes(path)) {
      problems.push(`${path} is not translated`);
    }
  }
  return problems;
}

function placesOf(text: string): string[] {
  return [...text.matchAll(/\{\w+\}/g)].map(String).sort();
}

Deno.test("every language has every text, translated, with the same placeholders", () => {
  const english = textsOf("en");
  assert(Object.keys(english).length > 200);
  for (const language of supportedLanguages) {
    const texts = language === "en" ? english : textsOf(language);
    assertEquals(problemsOf(texts, english), [], language);
  }
});

Deno.test("missing and wrong texts of a language are found, each with its path", () => {
  const english = {
    a: "Hello {name}",
    b: "One two three",
    c: "Wait. Then go",
    "sample.name": "A B C",
  };
  const good = {
    a: "{name}, hallo",
    b: "Eins zwei drei",
    c: "Warten. Dann los",
    "sample.name": "A B C",
  };
  const { b: _, ...withoutB } = good;
  const cases: [Texts, string[]][] = [
    [good, []],
    [withoutB, ["b is missing"]],
    [{ ...good, d: "Neu" }, ["d is not in English"]],
    [{ ...good, b: " " }, ["b is empty", "b has stray spaces"]],
    [{ ...good, a: "Hallo" }, ["a has other places: "]],
    [{ ...good, a: "Hallo {nme}" }, ["a has other places: {nme}"]],
    [{ ...good, a: "Hallo {name} {name}" }, ["a has other places: {name},{name}"]],
    [{ ...good, a: "Hallo {name} {" }, ["a has half a place"]],
    [{ ...good, b: "Eins  zwei drei" }, ["b has stray spaces"]],
    [{ ...good, b: "One two three" }, ["b is not translated"]],
    [{ ...good, c: "Warten.Dann los" }, ["c lacks a space"]],
  ];
  for (const [texts, problems] of cases) {
    assertEquals(problemsOf(texts, english, ["sample.name"]), problems);
  }
});

Deno.test("ui_locales comes first, then Accept-Language by weight, then English", () => {
  const cases: [string | undefined, string | undefined, Language][] = [
    [undefined, undefined, "en"],
    ["", "", "en"],
    ["de", "en", "de"],
    ["fr de-AT en", undefined, "de"],
    ["fr", "de;q=0.5, en;q=0.9", "en"],
    [undefined, "fr, DE-de;q=0.8, en;q=0.2", "de"],
    [undefined, "de;q=0, en;q=0.1", "en"],
    [undefined, "de;q=x, *", "en"],
    ["constructor __proto__", "toString", "en"],
    [undefined, ",;=,;;q=1,".repeat(10_000), "en"],
  ];
  for (const [uiLocales, acceptLanguage, expected] of cases) {
    assertEquals(chooseLanguage(uiLocales, acceptLanguage), expected);
  }
});
