import type { Language } from "./strings/languages.ts";

/** A day in words, in UTC. @param instant epoch seconds */
export function dateText(language: Language, instant: number): string {
  return new Intl.DateTimeFormat(language, { dateStyle: "long", timeZone: "UTC" })
    .format(new Date(instant * 1000));
}
