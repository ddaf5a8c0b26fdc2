import type { Deps } from "../../deps/deps.ts";

/** The relying party for passkeys: this server. */
export interface RelyingParty {
  /** The issuer's host. Passkeys are bound to it for good, so another host has none. */
  readonly id: string;
  /** The origin that a browser must report: exactly the issuer's. */
  readonly origin: string;
  /** Some authenticators show it. */
  readonly name: string;
}

/** @see Web Authentication Level 3 section 4 (Relying Party Identifier) */
export function relyingParty({ config: { issuer }, brand }: Deps): RelyingParty {
  const { hostname, origin } = new URL(issuer);
  return { id: hostname, origin, name: brand.name ?? hostname };
}

/**
 * The signature algorithms EdDSA, ES256 and RS256. The authenticators of every platform have at least
 * one of them.
 */
export const algorithms = [-8, -7, -257];

/** Milliseconds for which a browser waits for the user. The challenge lives as long. */
export const patience = 300_000;
