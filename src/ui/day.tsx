import type { Language } from "./strings/languages.ts";

/** A day as people write it. @param props.at epoch seconds */
export function Day(props: { at: number; language: Language }) {
  const moment = new Date(props.at * 1000);
  // Nobody has told us their time zone: a day may be off by one, and an hour would be nonsense.
  const format = new Intl.DateTimeFormat(props.language, { dateStyle: "long", timeZone: "UTC" });
  return <time datetime={moment.toISOString().slice(0, 10)}>{format.format(moment)}</time>;
}
