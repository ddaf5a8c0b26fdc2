/**
 * A longer text is neither a username nor a mail address. Check the length before normalising, because
 * normalising 30,000 combining marks takes seconds.
 */
export const longestTyped = 1024;

/**
 * One form for all texts that differ only in case, width or composition: NFKC, lower case.
 * @see Unicode Standard section 3.13.5 (toNFKC_Casefold); folding again changes nothing
 */
export function folded(text: string): string {
  let before = text;
  for (;;) {
    const after = before.normalize("NFKC").toLowerCase();
    // One round is enough for almost all texts; some capitals decompose only once they are lower case.
    if (after === before) return after;
    before = after;
  }
}

/** Removes characters that are not shown, such as a soft hyphen or a zero-width space. */
export function withoutInvisible(text: string): string {
  return text.replaceAll(/\p{Default_Ignorable_Code_Point}/gu, "");
}
