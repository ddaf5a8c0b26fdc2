import { dateText } from "./date_text.ts";
import type { Language } from "./strings/languages.ts";

/** A day as people write it. @param props.at epoch seconds */
export function Day(props: { at: number; language: Language }) {
  const date = new Date(props.at * 1000).toISOString().slice(0, 10);
  // Nobody has told us their time zone: a day may be off by one, and an hour would be nonsense.
  return <time datetime={date}>{dateText(props.language, props.at)}</time>;
}
