import type { Client } from "../../stores/clients.ts";
import type { SigningAlgorithm } from "../../stores/provider.ts";
import { isHttps } from "../identifiers/https.ts";
import { OAuthError } from "../protocol/errors.ts";

/**
 * A client's profile is one word for many rules. The rules of a profile hold whenever the client is used,
 * whatever else its record says: a record may be older than a rule, and a setting of the server may be wider.
 */
type Profiled = Pick<Client, "profile">;

/** @see FAPI 2.0 Security Profile section 5.3.2.1: a public key proves who calls, never a shared secret */
export const fapiMethods: readonly string[] = [
  "private_key_jwt",
  "tls_client_auth",
  "self_signed_tls_client_auth",
];

/** @see FAPI 2.0 Security Profile section 5.4.1 */
const fapiAlgorithms: readonly string[] = ["PS256", "ES256", "EdDSA", "Ed25519"];

/** Seconds. @see FAPI 2.0 Security Profile section 5.3.2.1 */
const longestFapiCode = 60;

function isFapi({ profile }: Profiled): boolean {
  return profile === "fapi2";
}

/** Whether the client may authenticate with the method that it is registered for. */
export function isMethodAllowed(client: Pick<Client, "profile" | "tokenEndpointAuthMethod">) {
  return !isFapi(client) || fapiMethods.includes(client.tokenEndpointAuthMethod);
}

/** Those of the algorithms with which the client may sign, and that may sign for it. */
export function allowedAlgorithms<Algorithm extends string>(
  client: Profiled,
  algorithms: readonly Algorithm[],
): readonly Algorithm[] {
  return isFapi(client) ? algorithms.filter((alg) => fapiAlgorithms.includes(alg)) : algorithms;
}

/**
 * How this server signs for the client: with the algorithm that the client registered, unless its profile
 * forbids that.
 *
 * @param registered for this kind of answer; by default that of ID tokens, which access tokens and logout
 *   tokens share
 */
export function signingAlgorithm(
  client: Pick<Client, "profile" | "idTokenSignedResponseAlg">,
  registered: SigningAlgorithm = client.idTokenSignedResponseAlg,
): SigningAlgorithm {
  const [alg] = allowedAlgorithms(client, [registered]);
  return alg ?? "ES256";
}

/** Every algorithm that this server signs with for the client. */
export function signingAlgorithmsOf(client: Client): SigningAlgorithm[] {
  return [
    client.idTokenSignedResponseAlg,
    client.authorizationSignedResponseAlg,
    client.introspectionSignedResponseAlg,
    ...client.userinfoSignedResponseAlg === null ? [] : [client.userinfoSignedResponseAlg],
  ].map((registered) => signingAlgorithm(client, registered));
}

/** Whether tokens may go through the browser to the client. @see FAPI 2.0 section 5.3.2.2, OAuth 2.1 section 10.1 */
export function mayCarryTokens({ profile }: Profiled): boolean {
  return profile === "standard";
}

/** The endpoints that an assertion may name wherever it is sent. */
const namedEndpoints = ["/token", "/par", "/backchannel_authentication"];

/**
 * The audiences of which a client's assertion names one: the issuer, or an endpoint. The token endpoint is what
 * RFC 7523 suggests, and many libraries send it; RFC 9126 section 2 adds the endpoint for pushed requests, and
 * CIBA Core section 7.1 its own. Libraries also name the very endpoint that they call, such as introspection.
 *
 * @param called the URLs of the endpoint that is called
 * @see FAPI 2.0 section 5.3.2.1: the issuer alone
 */
export function assertionAudiences(
  client: Profiled,
  issuer: string,
  called: readonly string[],
): readonly string[] {
  if (isFapi(client)) return [issuer];
  return [issuer, ...namedEndpoints.map((path) => issuer + path), ...called];
}

/** Whether its authorization requests must be pushed. @see RFC 9126 section 6 */
export function mustPush(client: Pick<Client, "profile" | "requirePushedAuthorizationRequests">) {
  return isFapi(client) || client.requirePushedAuthorizationRequests;
}

/** Whether its tokens must be bound to a key. @see RFC 9449 section 5.2, RFC 8705 section 3.4 */
export function mustBindTokens(
  client: Pick<
    Client,
    "profile" | "dpopBoundAccessTokens" | "tlsClientCertificateBoundAccessTokens"
  >,
) {
  return isFapi(client) || client.dpopBoundAccessTokens ||
    client.tlsClientCertificateBoundAccessTokens;
}

/** Whether an access token without a key, from before the client had its profile, is dead. */
export function refusesBearerTokens(client: Profiled): boolean {
  return isFapi(client);
}

/** @see RFC 7636, OAuth 2.1 section 7.6 */
export function mustUsePkce(client: Pick<Client, "profile" | "requirePkce">): boolean {
  return client.profile !== "standard" || client.requirePkce;
}

/**
 * Refuses a request that names no resource, if the client's must: without one, an MCP server would get a
 * token that is good elsewhere, or none.
 *
 * @throws {OAuthError} `invalid_target`
 * @see RFC 8707, MCP authorization 2025-11-25, "Resource Parameter Implementation"
 */
export function assertNamesResource({ profile }: Profiled, resource: readonly string[]) {
  if (profile !== "mcp" || resource.length > 0) return;
  throw new OAuthError("invalid_target", "resource is missing: this client must name one");
}

/** @see FAPI 2.0 Security Profile section 5.3.2.1: its tokens are bound to a key, so rotation adds only failures */
export function rotatesRefreshTokens(client: Pick<Client, "profile" | "rotateRefreshTokens">) {
  return !isFapi(client) && client.rotateRefreshTokens;
}

/** Seconds within which a repeated refresh gets the same answer; 0: never. */
export function refreshGracePeriod(client: Pick<Client, "profile" | "refreshTokenGracePeriod">) {
  return isFapi(client) ? 0 : client.refreshTokenGracePeriod;
}

/** Seconds. @param usual that of the server */
export function codeLifetime(client: Profiled, usual: number): number {
  return isFapi(client) ? Math.min(usual, longestFapiCode) : usual;
}

/**
 * Seconds by which a JWT may lie ahead of our clock. FAPI wants 10 accepted and 60 refused.
 *
 * @see FAPI 2.0 Security Profile section 5.3.2.1
 */
export function mostAhead(client: Profiled): number {
  return isFapi(client) ? 30 : Infinity;
}

/**
 * Seconds from `nbf` to `exp` of a request object, and from `nbf` until now; null: neither is needed.
 *
 * @see FAPI 2.0 Message Signing section 5.3.1
 */
export function longestObjectLifetime(client: Profiled): number | null {
  return isFapi(client) ? 3600 : null;
}

/** Whether its requests must name the redirect URI. @see FAPI 2.0 Security Profile section 5.3.2.2 */
export function mustNameRedirectUri(client: Profiled): boolean {
  return isFapi(client);
}

/** Whether the answer may go to a registered redirect URI. @see FAPI 2.0 section 5.3.2.2 */
export function mayRedirectTo(client: Profiled, redirectUri: string): boolean {
  return !isFapi(client) || isHttps(redirectUri);
}
