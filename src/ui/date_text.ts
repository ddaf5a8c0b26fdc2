import type { Language } from "./strings/languages.ts";

/** Of each language the variant whose dates the fewest people misread. */
export const dateLocales: Readonly<Record<Language, string>> = { en: "en-GB", de: "de-DE" };

/** A day in words, in UTC. @param instant epoch seconds */
export function dateText(language: Language, instant: number): string {
  return new Intl.DateTimeFormat(dateLocales[language], { dateStyle: "long", timeZone: "UTC" })
    .format(new Date(instant * 1000));
}
