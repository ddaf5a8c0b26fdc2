/**
 * Authentication Method References: how a user signed in. `email` and `recovery_code` are our own values,
 * because RFC 8176 has none for them; `user` and `mfa` are properties of a sign-in rather than methods.
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

/** Combines the stored methods with the added ones, without duplicates. */
export function amrWith(before: readonly string[], added: readonly Amr[]): Amr[] {
  return [...new Set([...before.filter(isAmr), ...added])];
}
