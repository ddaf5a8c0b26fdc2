import { assertEquals } from "@std/assert";
import {
  chooseLanguage,
  type Language,
  strings,
  supportedLanguages,
} from "../../src/ui/strings/languages.ts";

/** Dotted path to text, for every text of a language. */
function textsOf(language: Language): Record<string, string> {
  const texts: Record<string, string> = {};
  const walk = (value: unknown, path: string) => {
    if (typeof value === "string") texts[path] = value;
    else for (const [k, v] of Object.entries(value ?? {})) walk(v, `${path}.${k}`);
  };
  walk(strings(language), "");
  return texts;
}

function placesOf(text: string): string[] {
  return [...text.matchAll(/\{\w+\}/g)].map(String).sort();
}

Deno.test("every text exists in every language, is not empty, and has the same places", () => {
  const english = textsOf("en");
  for (const language of supportedLanguages) {
    const texts = textsOf(language);
    assertEquals(Object.keys(texts).sort(), Object.keys(english).sort());
    for (const [path, text] of Object.entries(texts)) {
      assertEquals(text.trim() === "", false, `${language}${path} is empty`);
      assertEquals(placesOf(text), placesOf(english[path] ?? ""), `${language}${path}`);
    }
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
