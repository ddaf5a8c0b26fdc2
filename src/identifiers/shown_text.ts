import { z } from "zod";

/**
 * Why a text must not be stored to be shown to people; null: it may. Control characters break mails, logs
 * and the databases of applications (PostgreSQL stores no U+0000). Characters that turn the direction of
 * writing make a name look like another one, also for the text after it. Half a surrogate pair is no text.
 */
export function shownTextProblem(
  text: string,
  { lines = false }: { readonly lines?: boolean } = {},
): string | null {
  const shown = lines ? text.replaceAll(/\r?\n/g, "") : text;
  return unshown.test(shown) ? "must have no control characters" : null;
}

/** The marks for one letter, U+200E and U+200F, are part of names and stay. */
const unshown = /[\p{Cc}\p{Cs}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u;

/** Characters that are shown as nothing or as a blank, such as those of Braille and of musical notation. */
const unseen = /[\p{Cf}\p{Default_Ignorable_Code_Point}\u2800\u{1d159}]|(?! )\p{Zs}/gu;
const seen = /[\p{L}\p{N}\p{P}\p{S}]/u;

/** Whether people see nothing of a text. */
export function isBlank(text: string): boolean {
  return !seen.test(text.replaceAll(unseen, ""));
}

/**
 * Whether a text is what people see of it, so that two texts never look the same because of what is not
 * shown. It has no gaps either: many spaces look like the end of a line.
 */
export function isAllSeen(text: string): boolean {
  return shownTextProblem(text) === null && !isBlank(text) && text.trim() === text &&
    text.replaceAll(unseen, "") === text && !text.includes("  ");
}

/** A text that is stored to be shown to people. @param most characters */
export function shownText(most: number, options?: { readonly lines?: boolean }) {
  return z.string().max(most).superRefine((text, context) => {
    const problem = shownTextProblem(text, options);
    if (problem !== null) context.addIssue(problem);
  });
}
