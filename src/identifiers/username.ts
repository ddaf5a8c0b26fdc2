import { folded, longestTyped } from "./folding.ts";
import { parseMailAddress, tidyMailAddress } from "./mail_address.ts";
import { isOfOneScript } from "./scripts.ts";

/** The most characters of the folded name: names become part of keys. */
const longestName = 256;

/** The rule for usernames, as shown to users and clients. */
export const usernameRule =
  "must have 1 to 256 visible characters of one script, without white space around them; \
with an @ it must be a mail address";

/**
 * Reads a chosen username. It is stored as typed. A name that contains `@` must be a mail address, and is
 * stored in the form of an address; the caller checks that the address is the user's own.
 * @returns null if it cannot be a username
 */
export function parseUsername(text: string): string | null {
  if (text.length > longestTyped || text.trim() !== text) return null;
  const name = folded(text);
  if (name === "" || name.length > longestName || name.trim() !== name) return null;
  if ([text, name].some((form) => unseen.test(form) || piled.test(form))) return null;
  // Test the folded name: people read a full-width `@` as a normal one.
  if (name.includes("@")) return tidyMailAddress(text);
  return isOfOneScript(name) ? text : null;
}

/** Whether a username has the form of a mail address, and so must be its owner's address. */
export function isAddressLike(username: string): boolean {
  return folded(username.slice(0, longestTyped)).includes("@");
}

/**
 * The form in which usernames, and texts that may be a username or a mail address, are compared and
 * counted: the same for all spellings that people consider equal. A text that is too long for a name is
 * cut, and matches no user.
 */
export function normalName(typed: string): string {
  return parseMailAddress(typed) ??
    folded(typed.slice(0, longestTyped)).trim().slice(0, longestName);
}

// Invisible characters would make one name look like another: control and format characters, unassigned
// ones, all white space except single blanks, and the Braille blank, which counts as a symbol.
const unseen = /[\p{C}\p{Default_Ignorable_Code_Point}\u2800]|[^\S ]| {2}/u;
// Accents without a letter, or many of them on one letter, cover the text around them. @see UTS 39 section
// 5.4
const piled = /^\p{M}|\p{Mn}{5}/u;
