import { errors } from "jose";
import type { IssuerKeys } from "../../../stores/issuer_keys.ts";
import type { PublicJwk } from "../../../stores/public_jwk.ts";
import { assertionAlgorithms } from "../../../stores/client_authentication.ts";
import type { IssuerSource } from "../../config/trusted_issuers.ts";
import { withFetchedKeys } from "../fetched_keys.ts";
import {
  isUnusableKey,
  mayBeAnotherKey,
  type Verified,
  verifiedByOneOf,
} from "./verified_by_keys.ts";

/** The keys of an issuer have to be fetched, outside of the step, before it can go on. */
export class IssuerKeysNeeded extends Error {
  override readonly name = "IssuerKeysNeeded";

  /** @param triedAt when the step found that they were looked for; null: never */
  constructor(readonly source: IssuerSource, readonly triedAt: number | null) {
    super(`the keys of the issuer "${source.issuer}" are not known`);
  }
}

/** Seconds by which the issuer's clock may be wrong. */
export const issuerClockTolerance = 30;

/** Where the keys of an issuer are from, as its stored keys name it. */
export function sourceOf({ issuer, jwksUri }: IssuerSource): string {
  return jwksUri ?? issuer;
}

/**
 * Verifies the signature, the issuer and the time of a JWT of another issuer.
 *
 * @returns the claims and the header; null: it is wrong
 * @throws {IssuerKeysNeeded} if the issuer's keys have to be fetched first
 */
export async function verifiedByIssuer(
  source: IssuerSource,
  jwt: string,
  { now, fetchedKeys }: { readonly now: number; readonly fetchedKeys: IssuerKeys | null },
): Promise<Verified | null> {
  const options = {
    algorithms: [...assertionAlgorithms.private_key_jwt],
    issuer: source.issuer,
    clockTolerance: issuerClockTolerance,
    currentDate: new Date(now * 1000),
  };
  const verify = (keys: readonly PublicJwk[]) => verifiedByOneOf(keys, jwt, options);
  if (source.jwks !== null) return await verify(source.jwks.keys).catch(unlessOurs);
  const known = fetchedKeys?.source === sourceOf(source) ? fetchedKeys : null;
  return await withFetchedKeys(known, now, {
    attempt: verify,
    mayBeAnotherKey,
    needed: (triedAt) => new IssuerKeysNeeded(source, triedAt),
  }).catch(unlessOurs);
}

/** An error of the library is about the JWT or the keys, none of which is ours. */
function unlessOurs(error: unknown): null {
  if (error instanceof errors.JOSEError || isUnusableKey(error)) return null;
  throw error;
}
