import { createLocalJWKSet, decodeJwt, decodeProtectedHeader, errors, jwtVerify } from "jose";
import { z } from "zod";
import { assertionAlgorithms } from "../../stores/clients.ts";
import type { IssuerKeys } from "../../stores/issuer_keys.ts";
import type { PublicJwk } from "../../stores/public_jwk.ts";
import type { Config } from "../config/config.ts";
import type { TrustedIssuer } from "../config/trusted_issuers.ts";
import { OAuthError, type RefusalReason } from "../protocol/errors.ts";

/** The keys of an issuer have to be fetched, outside of the step, before it can go on. */
export class IssuerKeysNeeded extends Error {
  override readonly name = "IssuerKeysNeeded";

  /** @param triedAt when the step found that they were looked for; null: never */
  constructor(readonly trusted: TrustedIssuer, readonly triedAt: number | null) {
    super(`the keys of the issuer "${trusted.issuer}" are not known`);
  }
}

/** An assertion of a trusted issuer as a request carries it. Its signature is not checked yet. */
export interface PresentedGrant {
  readonly assertion: string;
  readonly trusted: TrustedIssuer;
  readonly kind: "id-jag" | "jwt";
  /** Unverified claims: they only say which records to read. */
  readonly claims: AssertionClaims;
}

const claimsSchema = z.looseObject({
  iss: z.string(),
  sub: z.string().min(1).max(256),
  // One text: a JWT for several servers could be used by one of them at another.
  aud: z.string(),
  jti: z.string().min(1).max(256),
  exp: z.number(),
  iat: z.number(),
  client_id: z.string().optional(),
  scope: z.string().max(2048).optional(),
  resource: z.union([z.string().transform((one) => [one]), z.array(z.string()).max(20)]).optional(),
  email: z.string().max(256).optional(),
  email_verified: z.boolean().optional(),
  cnf: z.looseObject({ jkt: z.string().optional() }).optional(),
});
export type AssertionClaims = z.infer<typeof claimsSchema>;

/** Seconds from now after which an assertion may not expire, because its `jti` is remembered until then. */
const longestLifetime = 600;
/** Seconds by which the issuer's clock may be wrong. */
const clockTolerance = 30;
/** Seconds after which keys are fetched again for an assertion whose key is not among them. */
const shortestPause = 10;

/**
 * Reads an assertion and finds its issuer among the trusted ones.
 *
 * @throws {OAuthError} `invalid_grant`
 * @see RFC 7523 section 3, draft-ietf-oauth-identity-assertion-authz-grant section 4.4.1
 */
export function presentedGrant({ trustedIssuers }: Config, assertion: string): PresentedGrant {
  const kind = kindOf(assertion);
  const parsed = claimsSchema.safeParse(decoded(assertion));
  if (kind === null || !parsed.success) throw refusedAssertion("assertion_malformed");
  const trusted = trustedIssuers.find(({ issuer }) => issuer === parsed.data.iss);
  if (trusted === undefined || !trusted.assertions.includes(kind)) {
    throw refusedAssertion("assertion_issuer_unknown");
  }
  return { assertion, trusted, kind, claims: parsed.data };
}

/** A JWT of another type was made for another purpose: an access token, a logout token (RFC 8725 3.11). */
function kindOf(assertion: string): PresentedGrant["kind"] | null {
  try {
    const { typ } = decodeProtectedHeader(assertion);
    if (typ === undefined || /^(application\/)?jwt$/i.test(typ)) return "jwt";
    return /^(application\/)?oauth-id-jag\+jwt$/i.test(typ) ? "id-jag" : null;
  } catch {
    return null;
  }
}

function decoded(assertion: string): unknown {
  try {
    return decodeJwt(assertion);
  } catch {
    return null;
  }
}

/** Where the keys of an issuer are from, as its stored keys name it. */
export function sourceOf({ issuer, jwksUri }: TrustedIssuer): string {
  return jwksUri ?? issuer;
}

/**
 * Verifies an assertion for a client.
 *
 * @returns when it may be forgotten, in epoch seconds
 * @throws {OAuthError} `invalid_grant`
 * @throws {IssuerKeysNeeded} if the issuer's keys have to be fetched first
 */
export async function verifyGrant(
  presented: PresentedGrant,
  { clientId, issuer, now, fetchedKeys }: {
    readonly clientId: string;
    /** Our own: the only audience that counts. */
    readonly issuer: string;
    readonly now: number;
    readonly fetchedKeys: IssuerKeys | null;
  },
): Promise<number> {
  const { trusted, kind, claims } = presented;
  const { aud, exp, iat, client_id: meant } = claims;
  if (!trusted.clients.includes(clientId)) throw refusedAssertion("assertion_other_client");
  if (meant === undefined ? kind === "id-jag" : meant !== clientId) {
    throw refusedAssertion("assertion_other_client");
  }
  const isNow = exp <= now + longestLifetime + clockTolerance && iat <= now + clockTolerance;
  if (aud !== issuer || !isNow) throw refusedAssertion("assertion_wrong");
  await verifySignature(presented, now, fetchedKeys);
  return Math.ceil(exp) + clockTolerance + 1;
}

async function verifySignature(
  { assertion, trusted }: PresentedGrant,
  now: number,
  fetchedKeys: IssuerKeys | null,
) {
  const options = {
    algorithms: [...assertionAlgorithms.private_key_jwt],
    issuer: trusted.issuer,
    clockTolerance,
    currentDate: new Date(now * 1000),
  };
  const verify = async (keys: readonly PublicJwk[]) => {
    await jwtVerify(assertion, createLocalJWKSet({ keys: structuredClone([...keys]) }), options);
  };
  if (trusted.jwks !== null) return await verify(trusted.jwks.keys).catch(wrong);
  const known = fetchedKeys?.source === sourceOf(trusted) ? fetchedKeys : null;
  const mayFetch = known === null || now >= known.triedAt + shortestPause;
  const needed = () => new IssuerKeysNeeded(trusted, known?.triedAt ?? null);
  if ((known === null || now >= known.freshUntil) && mayFetch) throw needed();
  try {
    await verify(known?.keys ?? []);
  } catch (error) {
    // The issuer may have changed its keys: they are looked up once more, within a budget.
    if (mayFetch && error instanceof errors.JWKSNoMatchingKey) throw needed();
    wrong(error);
  }
}

/** An error of the library is about the JWT or the keys, none of which is ours. */
function wrong(cause: unknown): never {
  if (cause instanceof errors.JOSEError || cause instanceof TypeError) {
    throw refusedAssertion("assertion_wrong", cause);
  }
  throw cause;
}

/** One answer for all, with the reason in the log. */
export function refusedAssertion(reason: RefusalReason, cause?: unknown): OAuthError {
  return new OAuthError(
    "invalid_grant",
    "assertion is not a valid JWT of a trusted issuer for this client, or it names nobody here",
    { reason, cause },
  );
}
