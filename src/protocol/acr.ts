import type { User } from "../../stores/users.ts";

/**
 * Authentication Context Class References, weakest first: each value also meets the weaker ones.
 * - `urn:latchkey:acr:1fa`: a password, a link or a code by mail, or a passkey whose authenticator did
 * not verify the user;
 * - `urn:latchkey:acr:2fa`: one of these and a code of an authenticator app or a recovery code;
 * - `phr`: a passkey whose authenticator verified the user, which resists phishing.
 * @see OpenID Connect Extended Authentication Profile (EAP) ACR Values section 2
 */
export const acrValues = ["urn:latchkey:acr:1fa", "urn:latchkey:acr:2fa", "phr"] as const;
export type Acr = (typeof acrValues)[number];

export const singleFactor: Acr = "urn:latchkey:acr:1fa";
export const twoFactors: Acr = "urn:latchkey:acr:2fa";
export const phishingResistant: Acr = "phr";

export function isAcr(value: unknown): value is Acr {
  return acrValues.some((known) => known === value);
}

/** Whether the level reached meets the level wanted. */
export function meets(reached: string, wanted: Acr): boolean {
  return isAcr(reached) && acrValues.indexOf(reached) >= acrValues.indexOf(wanted);
}

/** Whether a user has set up what this level needs. */
export function canReach({ passkeys, totp }: User, wanted: Acr): boolean {
  if (passkeys.length > 0) return true;
  return wanted === singleFactor || (wanted === twoFactors && totp !== null);
}

/**
 * The `acr` in the ID token: the strongest requested value that was met, else the level reached. So a
 * client that requests two factors need not know that a passkey is stronger.
 */
export function acrToTell(reached: string, asked: readonly unknown[]): string {
  const met = asked.filter(isAcr).filter((value) => meets(reached, value));
  return acrValues.findLast((value) => met.includes(value)) ?? reached;
}
