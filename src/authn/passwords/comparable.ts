/** A longer text is not a password: normalizing one can take long. */
const longest = 1024;

/**
 * The form in which passwords are compared. Some keyboards type another space than U+0020 if a second key is
 * still held, and nobody sees the difference.
 *
 * @see RFC 8265 section 4.2
 */
export function comparable(password: string): string {
  return password.replaceAll(/\p{Zs}/gu, " ").normalize("NFC");
}

/** Whether two texts are the same password. */
export function isSamePassword(one: string, other: string): boolean {
  return [one, other].every(({ length }) => length <= longest) &&
    comparable(one) === comparable(other);
}
