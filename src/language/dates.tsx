import type { Language } from "./languages.ts";

// For each language, the regional variant whose dates are least often misread.
const locales: Readonly<Record<Language, string>> = { en: "en-GB", de: "de-DE" };

/**
 * A day in words. If the time zone is unknown, UTC is used: a day may then be off by one, and an hour
 * would be useless.
 * @param at epoch seconds
 */
export function dayText(language: Language, at: number): string {
  return format(language, at, { dateStyle: "long", timeZone: "UTC" });
}

/** A moment in words, for places where no page can know the user's time zone. @param at epoch seconds */
export function momentText(language: Language, at: number): string {
  const options = { dateStyle: "long", timeStyle: "short", timeZone: "UTC" } as const;
  return `${format(language, at, options)} (UTC)`;
}

/** A day in words, in a <time> element. @param props.at epoch seconds */
export function Day(props: { at: number; language: Language }) {
  const day = new Date(props.at * 1000).toISOString().slice(0, 10);
  return <time datetime={day}>{dayText(props.language, props.at)}</time>;
}

/**
 * A moment in words: day, time and time zone.
 * @param props.at epoch seconds
 * @param props.timeZone an IANA name
 */
export function Moment(props: { at: number; language: Language; timeZone: string }) {
  const { at, language, timeZone } = props;
  const text = format(language, at, {
    day: "numeric",
    month: "short",
    year: "numeric",
    hour: "2-digit",
    minute: "2-digit",
    timeZoneName: "short",
    timeZone,
  });
  // No line break between a day and its month.
  const kept = text.replace(/^(\d+\.?) /, "$1\u00a0");
  return <time datetime={new Date(at * 1000).toISOString()}>{kept}</time>;
}

function format(language: Language, at: number, options: Intl.DateTimeFormatOptions): string {
  return new Intl.DateTimeFormat(locales[language], options).format(new Date(at * 1000));
}
