import { de } from "./strings/de.ts";
import { en, type Strings } from "./strings/en.ts";
import { supportedLanguages } from "./supported_languages.ts";

// Adding a language takes one file, and one line here and in supported_languages.ts.
const languages = { en, de } satisfies Record<(typeof supportedLanguages)[number], Strings>;

export type Language = keyof typeof languages;

/** Whether this text is a language of the pages. */
export function isLanguage(text: string | undefined): text is Language {
  return supportedLanguages.some((language) => language === text);
}

const defaultLanguage: Language = "en";

export function strings(language: Language): Strings {
  return languages[language];
}

/**
 * The language of a page if the user has not chosen one: the client's `ui_locales`, else the browser's
 * preference, else English. The region is ignored (`de-AT` is `de`), and invalid tags are skipped.
 * @param uiLocales BCP 47 tags in order of preference, separated by spaces. Commas, and tags as other
 *   systems write them (`de_AT`), are understood too.
 * @param acceptLanguage the header's value
 * @see OpenID Connect Core 1.0 section 3.1.2.1 (ui_locales), RFC 9110 section 12.5.4
 */
export function chooseLanguage(
  uiLocales?: string | null,
  acceptLanguage?: string | null,
): Language {
  const wanted = [...(uiLocales ?? "").split(/[ ,]+/), ...preferredTags(acceptLanguage ?? "")];
  for (const tag of wanted) {
    const language = primaryLanguage(tag);
    const supported = supportedLanguages.find((known) => known === language);
    if (supported !== undefined) return supported;
  }
  return defaultLanguage;
}

function preferredTags(acceptLanguage: string): string[] {
  return acceptLanguage
    .slice(0, 1000) // cut a header that is made to be slow to sort
    .split(",")
    .map((range) => {
      const [tag = "", ...parameters] = range.split(";").map((part) => part.trim());
      const q = parameters.find((parameter) => /^q=/i.test(parameter));
      return { tag, weight: q === undefined ? 1 : Number(q.slice(2)) };
    })
    .filter(({ weight }) => weight > 0) // 0 means "not this one"; NaN is dropped too
    .sort((a, b) => b.weight - a.weight)
    .map(({ tag }) => tag);
}

function primaryLanguage(tag: string): string {
  return (tag.split(/[-_]/)[0] ?? "").toLowerCase();
}
