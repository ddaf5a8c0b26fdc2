import type { Deps } from "../../deps/deps.ts";

/** Who asks authenticators: this server, as passkeys know it. */
export interface RelyingParty {
  /** The issuer's host. Passkeys belong to it for good: another one has none. */
  readonly id: string;
  /** What a browser must say that the page is at: the issuer, exactly. */
  readonly origin: string;
  /** Shown by some authenticators. */
  readonly name: string;
}

/** @see Web Authentication Level 3 section 4 (Relying Party Identifier) */
export function relyingParty({ config: { issuer }, brand }: Deps): RelyingParty {
  const { hostname, origin } = new URL(issuer);
  return { id: hostname, origin, name: brand.name ?? hostname };
}

/** Of the signatures: EdDSA, ES256 and RS256, which every platform's authenticators have one of. */
export const algorithms = [-8, -7, -257];

/** Milliseconds for which a browser waits for the person; the challenge lives as long. */
export const patience = 300_000;
