import { decodeJwt, decodeProtectedHeader } from "jose";
import { z } from "zod";
import type { IssuerKeys } from "../../stores/issuer_keys.ts";
import type { Origin, Transaction } from "../../stores/engine/transaction.ts";
import * as providers from "../../stores/provider.ts";
import type { Provider } from "../../stores/provider.ts";
import { type UsableTime, usableTimeOf } from "../../stores/used_once.ts";
import { issuerClockTolerance, verifiedByIssuer } from "../clients/methods/issuer_signature.ts";
import { trustedIssuers } from "../clients/other_issuers.ts";
import type { TrustedIssuer } from "../config/trusted_issuers.ts";
import type { Deps } from "../deps/deps.ts";
import { OAuthError, type RefusalReason } from "../protocol/errors.ts";
import { fitsType, isOfType } from "../protocol/jwt_type.ts";

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
  // An array must have one member: a JWT for several servers could be used by one of them at another.
  aud: z.union([z.string(), z.tuple([z.string()]).transform(([only]) => only)]),
  jti: z.string().min(1).max(256),
  exp: z.number(),
  iat: z.number(),
  client_id: z.string().optional(),
  scope: z.string().max(2048).optional(),
  resource: z.union([z.string().transform((one) => [one]), z.array(z.string()).max(20)]).optional(),
  // A value of another form allows nothing: without the empty list it would look like no limit.
  authorization_details: z.array(z.unknown()).max(20).optional().catch([]),
  // Values of another type name no user. Only a rule about addresses reads them.
  email: z.string().max(256).optional().catch(undefined),
  email_verified: z.boolean().optional().catch(undefined),
  cnf: z.record(z.string(), z.unknown()).optional(),
});
export type AssertionClaims = z.infer<typeof claimsSchema>;

/** Seconds from now after which an assertion may not expire, because its `jti` is remembered until then. */
const longestLifetime = 600;

/**
 * Reads an assertion and finds its issuer among the trusted ones, with a read of its own if the configuration
 * does not name it.
 *
 * @throws {OAuthError} `invalid_grant`
 * @see RFC 7523 section 3, draft-ietf-oauth-identity-assertion-authz-grant section 4.4.1
 */
export async function presentedGrant(
  { config, kv }: Pick<Deps, "config" | "kv">,
  origin: Origin,
  assertion: string,
): Promise<PresentedGrant> {
  const kind = kindOf(assertion);
  const parsed = claimsSchema.safeParse(decoded(assertion));
  if (kind === null || !parsed.success) throw refusedAssertion("assertion_malformed");
  const isMeant = ({ issuer }: TrustedIssuer) => issuer === parsed.data.iss;
  const trusted = config.trustedIssuers.find(isMeant) ??
    trustedIssuers(config, await kv.step(origin, readProvider)).find(isMeant);
  if (trusted === undefined || !trusted.assertions.includes(kind)) {
    throw refusedAssertion("assertion_issuer_unknown");
  }
  return { assertion, trusted, kind, claims: parsed.data };
}

async function readProvider(tx: Transaction): Promise<Provider> {
  return (await providers.read(tx, {})).provider;
}

/** A JWT of another type was made for another purpose: an access token, a logout token (RFC 8725 3.11). */
function kindOf(assertion: string): PresentedGrant["kind"] | null {
  try {
    const { typ } = decodeProtectedHeader(assertion);
    if (fitsType(typ)) return "jwt";
    return isOfType(typ, "oauth-id-jag+jwt") ? "id-jag" : null;
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

/**
 * Verifies an assertion for a client.
 *
 * @returns when it is accepted
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
): Promise<UsableTime> {
  const { assertion, trusted, kind, claims } = presented;
  const { aud, client_id: meant } = claims;
  if (!trusted.clients.includes(clientId)) throw refusedAssertion("assertion_other_client");
  if (meant === undefined ? kind === "id-jag" : meant !== clientId) {
    throw refusedAssertion("assertion_other_client");
  }
  const usable = usableTimeOf(claims, {
    longest: longestLifetime,
    tolerance: issuerClockTolerance,
  });
  if (aud !== issuer || usable.from > now) throw refusedAssertion("assertion_wrong");
  const verified = await verifiedByIssuer(trusted, assertion, { now, fetchedKeys });
  if (verified === null) throw refusedAssertion("assertion_wrong");
  return usable;
}

/** One answer for all, with the reason in the log. */
export function refusedAssertion(reason: RefusalReason): OAuthError {
  return new OAuthError(
    "invalid_grant",
    "assertion is not a valid JWT of a trusted issuer for this client, or it names nobody here",
    { reason },
  );
}
