import { createLocalJWKSet, decodeJwt, type JSONWebKeySet, jwtVerify } from "jose";
import { assertionAlgorithms } from "../../stores/clients.ts";
import type { Origin } from "../../stores/engine/transaction.ts";
import type { PublicJwk } from "../../stores/public_jwk.ts";
import { publishedKeys } from "../clients/jwks.ts";
import type { Deps } from "../deps/deps.ts";
import { OutgoingRefused } from "../outgoing/refused.ts";
import { sendOutgoing } from "../outgoing/send.ts";
import { OAuthError } from "../protocol/errors.ts";
import { type JsonObject, parseJson } from "../protocol/json_entry.ts";

/** Metadata, and the statement that vouches for a part of it. */
export interface Vouched {
  /** Without the statement. What it says takes precedence. */
  readonly metadata: JsonObject;
  /** As it was sent; null: there was none. */
  readonly statement: string | null;
}

/** Seconds by which the clock of an issuer may be wrong. */
const clockTolerance = 30;
const mostBytes = 32 * 1024;

/** Claims about the statement itself. All others are metadata. */
const ownClaims = ["iss", "sub", "aud", "exp", "nbf", "iat", "jti", "software_statement"];

/**
 * Verifies a software statement, if the metadata has one: it is accepted or refused, never ignored. The keys
 * of its issuer are fetched, so it must not be called within a step.
 *
 * @throws {OAuthError} `invalid_software_statement`; `unapproved_software_statement` if the operator does
 *   not trust its issuer; `temporarily_unavailable` if the issuer's keys cannot be fetched
 * @see RFC 7591 sections 2.3 and 3.1.1
 */
export async function vouchedMetadata(
  deps: Deps,
  origin: Origin,
  sent: JsonObject,
): Promise<Vouched> {
  const { software_statement: statement = null, ...metadata } = sent;
  if (statement === null) return { metadata, statement };
  if (typeof statement !== "string" || statement.length > 8192) throw invalid();
  const issuer = issuerOf(statement);
  const issuers = deps.config.softwareStatementIssuers;
  const jwksUri = Object.hasOwn(issuers, issuer) ? issuers[issuer] : undefined;
  if (jwksUri === undefined) {
    throw new OAuthError("unapproved_software_statement", "its issuer is not one of this server");
  }
  const claims = await verified(deps, statement, issuer, await fetchKeys(deps, origin, jwksUri));
  const said = Object.entries(claims).filter(([name]) => !ownClaims.includes(name));
  return { metadata: { ...metadata, ...Object.fromEntries(said) }, statement };
}

function issuerOf(statement: string): string {
  try {
    return decodeJwt(statement).iss ?? "";
  } catch {
    throw invalid();
  }
}

async function verified(
  { clock, config }: Pick<Deps, "clock" | "config">,
  statement: string,
  issuer: string,
  keys: readonly PublicJwk[],
): Promise<Record<string, unknown>> {
  const { payload, protectedHeader: { typ } } = await jwtVerify(
    statement,
    createLocalJWKSet({ keys } as JSONWebKeySet),
    {
      issuer,
      algorithms: [...assertionAlgorithms.private_key_jwt],
      clockTolerance,
      currentDate: new Date(clock.seconds() * 1000),
    },
  ).catch((cause) => {
    throw invalid(cause);
  });
  // A JWT that its issuer made for another purpose, such as an ID token for another server.
  if (typ !== undefined && !/^(application\/)?(jwt|software-statement\+jwt)$/i.test(typ)) {
    throw invalid();
  }
  if (payload.aud !== undefined && ![payload.aud].flat().includes(config.issuer)) throw invalid();
  return payload;
}

async function fetchKeys(deps: Deps, origin: Origin, url: string): Promise<PublicJwk[]> {
  try {
    const { status, bytes } = await sendOutgoing(deps, {
      url,
      headers: { accept: "application/jwk-set+json, application/json" },
      mostBytes,
      origin,
      isOperators: true,
    });
    const document = parseJson(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
    const keys = status === 200 ? publishedKeys(document) : null;
    if (keys !== null) return keys;
    throw new OutgoingRefused("unreachable", "there is no JWK set");
  } catch (cause) {
    if (cause instanceof OAuthError) throw cause;
    const reason = cause instanceof Error ? cause.message : "unknown";
    deps.logger.warn(`the keys at ${url}, for software statements, cannot be fetched: ${reason}`);
    throw new OAuthError(
      "temporarily_unavailable",
      "the keys of the issuer of software_statement cannot be fetched: try again",
      { cause, headers: { "Retry-After": "60" } },
    );
  }
}

function invalid(cause?: unknown): OAuthError {
  return new OAuthError(
    "invalid_software_statement",
    "software_statement is not a JWT that its issuer has signed for this server",
    { cause },
  );
}
