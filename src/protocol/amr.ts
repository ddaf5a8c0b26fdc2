/**
 * Authentication Method References: how a person has signed in, as clients are told. `email` and
 * `recovery_code` are our own, for RFC 8176 has none for them; `user` and `mfa` are properties of a
 * sign-in rather than methods.
 *
 * @see RFC 8176 section 2
 */
export const amrValues = [
  "pwd",
  "email",
  "hwk",
  "swk",
  "otp",
  "recovery_code",
  "user",
  "mfa",
] as const;
export type Amr = (typeof amrValues)[number];

export function isAmr(value: string): value is Amr {
  return amrValues.some((known) => known === value);
}

/** What was shown before, as it is stored, and what was added to it; each once. */
export function amrWith(before: readonly string[], added: readonly Amr[]): Amr[] {
  return [...new Set([...before.filter(isAmr), ...added])];
}
