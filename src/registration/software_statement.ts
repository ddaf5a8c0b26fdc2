import { decodeJwt } from "jose";
import type { Transaction } from "../../stores/engine/transaction.ts";
import * as issuerKeys from "../../stores/issuer_keys.ts";
import { verifiedByIssuer } from "../clients/methods/issuer_signature.ts";
import type { IssuerSource } from "../config/trusted_issuers.ts";
import type { Config } from "../config/config.ts";
import type { Deps } from "../deps/deps.ts";
import { OAuthError } from "../protocol/errors.ts";
import type { JsonObject } from "../protocol/json_entry.ts";
import { fitsType } from "../protocol/jwt_type.ts";

/** Metadata, and the statement that vouches for a part of it. */
export interface Vouched {
  /** Without the statement. What it says takes precedence. */
  readonly metadata: JsonObject;
  /** The members that it names. */
  readonly vouched: readonly string[];
  /** As it was sent; null: there was none. */
  readonly statement: string | null;
}

/** Claims about the statement itself. All others are metadata. */
const ownClaims = ["iss", "sub", "aud", "exp", "nbf", "iat", "jti", "software_statement"];

/**
 * Verifies a software statement, if the metadata has one: it is accepted or refused, never ignored. It comes
 * after the check of who may register: the keys of its issuer may have to be fetched.
 *
 * @throws {OAuthError} `invalid_software_statement`; `unapproved_software_statement` if the operator does
 *   not trust its issuer; `temporarily_unavailable` if the issuer's keys cannot be fetched
 * @throws {IssuerKeysNeeded} `strangersStep` handles it
 * @see RFC 7591 sections 2.3 and 3.1.1
 */
export async function vouchedMetadata(
  { config }: Pick<Deps, "config">,
  tx: Transaction,
  sent: JsonObject,
): Promise<Vouched> {
  const { software_statement: statement = null, ...metadata } = sent;
  if (statement === null) return { metadata, vouched: [], statement };
  if (typeof statement !== "string" || statement.length > 8192) throw invalid();
  const issuer = issuerOf(statement);
  const issuers = config.softwareStatementIssuers;
  const jwksUri = Object.hasOwn(issuers, issuer) ? issuers[issuer] : undefined;
  if (jwksUri === undefined) {
    throw new OAuthError("unapproved_software_statement", "its issuer is not one of this server");
  }
  const claims = await verified(config, tx, statement, { issuer, jwks: null, jwksUri });
  const said = Object.entries(claims).filter(([name]) => !ownClaims.includes(name));
  const vouched = said.map(([name]) => name);
  return { metadata: { ...metadata, ...Object.fromEntries(said) }, vouched, statement };
}

function issuerOf(statement: string): string {
  try {
    return decodeJwt(statement).iss ?? "";
  } catch {
    throw invalid();
  }
}

async function verified(
  config: Pick<Config, "issuer">,
  tx: Transaction,
  statement: string,
  source: IssuerSource,
): Promise<Record<string, unknown>> {
  const { entry } = await tx.read({ entry: issuerKeys.ref(source.issuer) });
  const fetchedKeys = entry.value;
  const found = await verifiedByIssuer(source, statement, { now: tx.now, fetchedKeys });
  if (found === null && fetchedKeys?.keys.length === 0) {
    throw new OAuthError(
      "temporarily_unavailable",
      "the keys of the issuer of software_statement cannot be fetched: try again",
      { headers: { "Retry-After": "60" } },
    );
  }
  if (found === null) throw invalid();
  const { payload, protectedHeader: { typ } } = found;
  // A JWT that its issuer made for another purpose, such as an ID token for another server.
  if (!fitsType(typ, "software-statement+jwt")) {
    throw invalid();
  }
  if (payload.aud !== undefined && ![payload.aud].flat().includes(config.issuer)) throw invalid();
  return payload;
}

function invalid(): OAuthError {
  return new OAuthError(
    "invalid_software_statement",
    "software_statement is not a JWT that its issuer has signed for this server",
  );
}
