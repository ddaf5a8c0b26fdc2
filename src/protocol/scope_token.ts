/**
 * Whether a text is a scope name: printable ASCII without space, quote and backslash. A tab or a no-break
 * space would make one name look like two.
 * @see RFC 6749 section 3.3
 */
export function isScopeToken(text: string): boolean {
  return /^[\x21\x23-\x5b\x5d-\x7e]{1,256}$/.test(text);
}

export const scopeTokenRule =
  "must be a scope name: 1 to 256 printable ASCII characters, no space, quote or backslash";
