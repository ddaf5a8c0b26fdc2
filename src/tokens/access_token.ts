import { decodeJwt } from "jose";
import type { Confirmation } from "../../stores/confirmation.ts";
import * as accessTokens from "../../stores/access_tokens.ts";
import type { AccessToken } from "../../stores/access_tokens.ts";
import type { Client } from "../../stores/clients.ts";
import type { Grant } from "../../stores/grants.ts";
import type { Provider } from "../../stores/provider.ts";
import type { Transaction } from "../../stores/engine/transaction.ts";
import { jwtKey, secretKey } from "../../stores/engine/ids.ts";
import { subjectOfClient } from "../claims/subject.ts";
import { assertNamesResource, signingAlgorithm } from "../clients/profile.ts";
import type { Deps } from "../deps/deps.ts";
import type { Audience } from "../grantable/audience.ts";
import { type Binding, tokenTypeOf } from "./confirmation.ts";

/** What an access token is to be good for. */
export interface AccessTokenRequest {
  /** Authenticated; or not, if the token goes through the browser to its redirect URI. */
  readonly client: Client;
  readonly provider: Provider;
  readonly grantId: string;
  readonly binding: Binding;
  /** What the client sees of the person; the client's own id where it acts for itself. */
  readonly subject: string;
  readonly audience: Audience;
  /** How its user has signed in. */
  readonly grant: Pick<Grant, "authTime" | "acr" | "amr">;
  /** What the client gets for itself, to be stored with the token; null: the grant has a record. */
  readonly ownGrant: Grant | null;
  /** For a token that its client gets by token exchange. */
  readonly exchange?: AccessToken["exchange"];
  /** The latest end of the token, in epoch seconds. */
  readonly notAfter?: number;
}

export interface IssuedAccessToken {
  readonly accessToken: string;
  readonly accessTokenDigest: string;
  readonly tokenType: "Bearer" | "DPoP";
  /** Seconds. */
  readonly expiresIn: number;
}

/**
 * Adds an access token to the step. Opaque or JWT, its record can end it at once, and it carries its
 * grant's id, so that whoever it is shown to finds both in one read.
 *
 * @throws {OAuthError} `invalid_target` for a client whose profile allows no token without a resource
 * @see RFC 6749 section 1.4, RFC 9068 section 2 (at+jwt)
 */
export async function issueAccessToken(
  deps: Deps,
  tx: Transaction,
  request: AccessTokenRequest,
): Promise<IssuedAccessToken> {
  const expiresIn = lifetimeOf(deps, tx, request);
  const tokenId = tx.ids.tokenId();
  const jti = `${request.grantId}.${tokenId}`;
  const { audience } = request;
  const { confirmation } = request.binding;
  const { resource } = audience;
  assertNamesResource(request.client, resource === null ? [] : [resource]);
  const { accessToken, kid } = audience.format === "jwt" && resource !== null
    ? await signAccessToken(deps, tx, request, { resource, jti, confirmation })
    : { accessToken: `at_${request.grantId}.${tx.ids.secret()}`, kid: null };

  const accessTokenDigest = kid === null ? secretKey(accessToken) : jwtKey(accessToken, tokenId);
  accessTokens.add(tx, accessTokenDigest, {
    grantId: request.grantId,
    clientId: request.client.clientId,
    subject: request.subject,
    scope: [...audience.scope],
    resources: resource === null ? [] : [resource],
    claims: [...audience.claims],
    ...(audience.details.length > 0 && { details: [...audience.details] }),
    confirmation,
    kid,
    ownGrant: request.ownGrant,
    exchange: request.exchange ?? null,
    jti,
    issuedAt: tx.now,
    expiresAt: tx.now + expiresIn,
  });
  return { accessToken, accessTokenDigest, tokenType: tokenTypeOf(confirmation), expiresIn };
}

/** Seconds. */
function lifetimeOf(deps: Deps, tx: Transaction, { notAfter }: AccessTokenRequest): number {
  const { accessToken } = deps.config.lifetimes;
  return notAfter === undefined ? accessToken : Math.min(accessToken, notAfter - tx.now);
}

async function signAccessToken(
  deps: Deps,
  tx: Transaction,
  request: AccessTokenRequest,
  { resource, jti, confirmation }: {
    readonly resource: string;
    readonly jti: string;
    readonly confirmation: Confirmation | null;
  },
) {
  const { client, audience, grant: { authTime, acr, amr } } = request;
  const claims = {
    iss: deps.config.issuer,
    sub: request.subject,
    // One text, and no list: some resource servers compare it as one.
    aud: resource,
    client_id: client.clientId,
    scope: audience.scope.join(" "),
    // RFC 9396 section 9.1
    ...(audience.details.length > 0 && { authorization_details: audience.details }),
    jti,
    iat: tx.now,
    exp: tx.now + lifetimeOf(deps, tx, request),
    ...actorClaims(request.exchange ?? null, client),
    ...(authTime === null ? {} : { auth_time: authTime, acr, amr }),
    ...(confirmation && { cnf: confirmation }),
  };
  // The resource verifies it: what it has chosen comes before what the client wants of its ID tokens.
  const alg = audience.signingAlg ?? signingAlgorithm(client);
  const { jwt, kid } = await deps.signer.sign(request.provider, alg, claims, "at+jwt");
  return { accessToken: jwt, kid };
}

/** Where the record of a presented token would be, and that of its grant. */
export interface AccessTokenAddress {
  readonly grantId: string;
  readonly digest: string;
}

/**
 * Finds the address in a token that somebody presents; null if it cannot be one of ours.
 *
 * A JWT's signature is not looked at here: the record under its digest is what makes it ours.
 */
export function accessTokenAddress(token: string): AccessTokenAddress | null {
  const grantId = /^at_([A-Za-z0-9_-]{22})\.[A-Za-z0-9_-]{43,44}$/.exec(token)?.[1];
  return grantId === undefined ? addressOfJwt(token) : { grantId, digest: secretKey(token) };
}

function addressOfJwt(token: string): AccessTokenAddress | null {
  if (!token.startsWith("ey") || token.length > 8192) return null;
  try {
    const { jti } = decodeJwt(token);
    const [, grantId, tokenId] = /^([A-Za-z0-9_-]{22})\.([A-Za-z0-9_-]{22,23})$/.exec(jti ?? "") ??
      [];
    if (grantId === undefined || tokenId === undefined) return null;
    return { grantId, digest: jwtKey(token, tokenId) };
  } catch {
    return null;
  }
}

/** The party that acts, and in it the one that acted before. */
interface ActorClaim {
  readonly sub: string;
  readonly act?: ActorClaim;
}

/**
 * The claims that say who acts for the subject of an access token, and who may.
 *
 * @param client the client that holds the token
 * @see RFC 8693 sections 4.1 and 4.4
 */
export function actorClaims(
  exchange: AccessToken["exchange"],
  { mayAct }: Pick<Client, "mayAct">,
): { readonly act?: ActorClaim; readonly may_act?: { readonly sub: string } } {
  const act = exchange?.actors.reduceRight<ActorClaim | undefined>(
    (earlier, sub) => earlier === undefined ? { sub } : { sub, act: earlier },
    undefined,
  );
  return {
    ...(act && { act }),
    ...(mayAct === null ? {} : { may_act: { sub: subjectOfClient(mayAct) } }),
  };
}
