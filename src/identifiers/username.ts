import { folded, longestTyped } from "./folding.ts";
import { parseMailAddress, tidyMailAddress } from "./mail_address.ts";
import { isOfOneScript } from "./scripts.ts";

/** Characters, folded: they become part of keys. */
const longestName = 256;

/** What a username must be, for who gets to hear that theirs is none. */
export const usernameRule =
  "must have 1 to 256 visible characters of one script, without white space around them; \
with an @ it must be a mail address";

/**
 * Reads a username that somebody chooses. It is kept as it was typed, except for one that contains `@`,
 * which is a mail address as it is stored: the caller checks that the address is the person's own.
 *
 * @returns null if it can be no username
 */
export function parseUsername(text: string): string | null {
  if (text.length > longestTyped || text.trim() !== text) return null;
  const name = folded(text);
  if (name === "" || name.length > longestName || name.trim() !== name) return null;
  if ([text, name].some((form) => unseen.test(form) || piled.test(form))) return null;
  // Also where the sign comes of folding only: a full-width one is read as the usual one by people.
  if (name.includes("@")) return tidyMailAddress(text);
  return isOfOneScript(name) ? text : null;
}

/** Whether a username is a mail address by its form, and so has to be its owner's. */
export function isAddressLike(username: string): boolean {
  return folded(username.slice(0, longestTyped)).includes("@");
}

/**
 * The form in which usernames, and texts that may be a username or a mail address, are compared and
 * counted: all spellings that people take for the same have one. A text that is too long to be a name is
 * cut, and finds nobody.
 */
export function normalName(typed: string): string {
  return parseMailAddress(typed) ??
    folded(typed.slice(0, longestTyped)).trim().slice(0, longestName);
}

// What is not shown would make one name look like another: control and format characters, unassigned
// ones, every white space but single blanks, and the blank of Braille, which counts as a symbol.
const unseen = /[\p{C}\p{Default_Ignorable_Code_Point}\u2800]|[^\S ]| {2}/u;
// Accents with no letter below them, or piled up, cover what stands around them. @see UTS 39 section 5.4
const piled = /^\p{M}|\p{Mn}{5}/u;
