import { createLocalJWKSet, errors, jwtVerify } from "jose";
import type { IssuerKeys } from "../../../stores/issuer_keys.ts";
import type { PublicJwk } from "../../../stores/public_jwk.ts";
import { assertionAlgorithms } from "../../../stores/clients.ts";

/** Another issuer of JWTs, and where its keys are. */
export interface IssuerSource {
  readonly issuer: string;
  /** Its keys, or where they are. Both null: its metadata say where. */
  readonly jwks: { readonly keys: readonly PublicJwk[] } | null;
  readonly jwksUri: string | null;
}

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
/** Seconds after which keys are fetched again for a JWT whose key is not among them. */
const shortestPause = 10;

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
): Promise<Pick<Verified, "payload" | "protectedHeader"> | null> {
  const options = {
    algorithms: [...assertionAlgorithms.private_key_jwt],
    issuer: source.issuer,
    clockTolerance: issuerClockTolerance,
    currentDate: new Date(now * 1000),
  };
  const verify = (keys: readonly PublicJwk[]) =>
    jwtVerify(jwt, createLocalJWKSet({ keys: structuredClone([...keys]) }), options);
  if (source.jwks !== null) return await verify(source.jwks.keys).catch(unlessOurs);
  const known = fetchedKeys?.source === sourceOf(source) ? fetchedKeys : null;
  const mayFetch = known === null || now >= known.triedAt + shortestPause;
  const needed = () => new IssuerKeysNeeded(source, known?.triedAt ?? null);
  if ((known === null || now >= known.freshUntil) && mayFetch) throw needed();
  try {
    return await verify(known?.keys ?? []);
  } catch (error) {
    // The issuer may have changed its keys: they are looked up once more, within a budget.
    if (mayFetch && error instanceof errors.JWKSNoMatchingKey) throw needed();
    return unlessOurs(error);
  }
}

type Verified = Awaited<ReturnType<typeof jwtVerify>>;

/** An error of the library is about the JWT or the keys, none of which is ours. */
function unlessOurs(error: unknown): null {
  const isTheirs = error instanceof errors.JOSEError || error instanceof TypeError ||
    error instanceof DOMException;
  if (isTheirs) return null;
  throw error;
}
