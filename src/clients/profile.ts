import type { Client } from "../../stores/clients.ts";
import type { SigningAlgorithm } from "../../stores/provider.ts";
import type { JsonObject } from "../protocol/json_entry.ts";

/**
 * A client's profile is one word for many rules. The rules of a profile hold whenever the client is used,
 * whatever else its record says: a record may be older than a rule, and a setting of the server may be wider.
 */
type Profiled = Pick<Client, "profile">;

/** @see FAPI 2.0 Security Profile section 5.3.2.1: a public key proves who calls, never a shared secret */
const fapiMethods: readonly string[] = [
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

/** How this server signs for the client. */
export function signingAlgorithm(
  client: Pick<Client, "profile" | "idTokenSignedResponseAlg">,
): SigningAlgorithm {
  const [alg] = allowedAlgorithms(client, [client.idTokenSignedResponseAlg]);
  return alg ?? "ES256";
}

/** How this server signs authorization responses for the client. @see JARM section 3 */
export function responseSigningAlgorithm(
  client: Pick<Client, "profile" | "authorizationSignedResponseAlg">,
): SigningAlgorithm {
  const [alg] = allowedAlgorithms(client, [client.authorizationSignedResponseAlg]);
  return alg ?? "ES256";
}

/** Whether tokens may go through the browser to the client. @see FAPI 2.0 section 5.3.2.2, OAuth 2.1 */
export function mayCarryTokens({ profile }: Profiled): boolean {
  return profile === "standard";
}

/** Whether an assertion may name an endpoint instead of the issuer. @see FAPI 2.0 section 5.3.2.1 */
export function mayNameEndpoint(client: Profiled): boolean {
  return !isFapi(client);
}

/** Whether its authorization requests must be pushed. @see RFC 9126 section 6 */
export function mustPush(client: Pick<Client, "profile" | "requirePushedAuthorizationRequests">) {
  return isFapi(client) || client.requirePushedAuthorizationRequests;
}

/** Whether its tokens must be bound to a key. @see RFC 9449 section 5.2 */
export function mustBindTokens(client: Pick<Client, "profile" | "dpopBoundAccessTokens">) {
  return isFapi(client) || client.dpopBoundAccessTokens;
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
 * Whether its requests must name the resource that they are for: without one, an MCP server would get a
 * token that is good elsewhere, or none.
 *
 * @see RFC 8707, MCP authorization 2025-11-25, "Resource Parameter Implementation"
 */
export function mustNameResource({ profile }: Profiled): boolean {
  return profile === "mcp";
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
 * Seconds by which a proof may lie ahead of our clock. FAPI wants 10 accepted and 60 refused.
 *
 * @see FAPI 2.0 Security Profile section 5.3.2.1
 */
export function mostAhead(client: Profiled): number {
  return isFapi(client) ? 30 : Infinity;
}

/** Whether the answer may go to a registered redirect URI. @see FAPI 2.0 section 5.3.2.2 */
export function mayRedirectTo(client: Profiled, redirectUri: string): boolean {
  return !isFapi(client) || redirectUri.startsWith("https:");
}

/** How a client authenticates that does not say it. @see RFC 7591 section 2 */
export function usualMethod({ profile, client_secret: secret }: JsonObject): string {
  if (profile === "fapi2") return "private_key_jwt";
  return profile === "mcp" && secret === undefined ? "none" : "client_secret_basic";
}

/** Metadata with the defaults of its profile for what it leaves out. */
export function withProfileDefaults(written: unknown): unknown {
  if (typeof written !== "object" || written === null || !("profile" in written)) return written;
  const given = Object.fromEntries(
    Object.entries(written).filter(([, value]) => value !== undefined),
  );
  const method = { token_endpoint_auth_method: usualMethod(given) };
  if (written.profile === "mcp") {
    return { ...method, grant_types: ["authorization_code", "refresh_token"], ...given };
  }
  if (written.profile !== "fapi2") return written;
  return {
    ...method,
    require_pushed_authorization_requests: true,
    dpop_bound_access_tokens: given.tls_client_certificate_bound_access_tokens !== true,
    id_token_signed_response_alg: "ES256",
    authorization_signed_response_alg: "ES256",
    rotate_refresh_tokens: false,
    refresh_token_grace_period: 0,
    ...given,
  };
}

/** The metadata that a profile has rules for, as far as it is known. */
interface ProfiledMetadata {
  readonly profile: Client["profile"];
  readonly token_endpoint_auth_method: string;
  readonly token_endpoint_auth_signing_alg?: string | undefined;
  readonly id_token_signed_response_alg: string;
  readonly authorization_signed_response_alg: string;
  readonly request_object_signing_alg?: string | undefined;
  readonly redirect_uris: readonly string[];
  readonly response_types: readonly string[];
  readonly require_pkce: boolean;
  readonly require_pushed_authorization_requests: boolean;
  readonly dpop_bound_access_tokens: boolean;
  readonly tls_client_certificate_bound_access_tokens?: boolean;
  readonly rotate_refresh_tokens: boolean;
  readonly refresh_token_grace_period: number;
}

type Member = Exclude<keyof ProfiledMetadata, "tls_client_certificate_bound_access_tokens">;

/** What contradicts the profile: metadata must not say what the server does not do. */
export function profileProblems(
  metadata: ProfiledMetadata,
): { readonly path: Member; readonly problem: string }[] {
  const { profile, token_endpoint_auth_signing_alg: alg } = metadata;
  const { request_object_signing_alg: objectAlg } = metadata;
  if (profile === "standard") return [];
  const client: Profiled = { profile };
  const isAllowed = (name: string) => allowedAlgorithms(client, [name]).length > 0;
  const isBound = metadata.dpop_bound_access_tokens ||
    metadata.tls_client_certificate_bound_access_tokens === true;
  const fapi: [boolean, Member, string][] = [
    [
      fapiMethods.includes(metadata.token_endpoint_auth_method),
      "token_endpoint_auth_method",
      `must be one of ${fapiMethods.join(", ")}`,
    ],
    [
      alg === undefined || isAllowed(alg),
      "token_endpoint_auth_signing_alg",
      "must be PS256, ES256 or EdDSA",
    ],
    [
      isAllowed(metadata.id_token_signed_response_alg),
      "id_token_signed_response_alg",
      "must be PS256, ES256 or EdDSA",
    ],
    [
      isAllowed(metadata.authorization_signed_response_alg),
      "authorization_signed_response_alg",
      "must be PS256, ES256 or EdDSA",
    ],
    [
      objectAlg === undefined || isAllowed(objectAlg),
      "request_object_signing_alg",
      "must be PS256, ES256 or EdDSA",
    ],
    [
      metadata.redirect_uris.every((uri) => mayRedirectTo(client, uri)),
      "redirect_uris",
      "must be https",
    ],
    [
      metadata.require_pushed_authorization_requests,
      "require_pushed_authorization_requests",
      "must be true",
    ],
    [isBound, "dpop_bound_access_tokens", "must be true, unless tokens are bound to a certificate"],
    [!metadata.rotate_refresh_tokens, "rotate_refresh_tokens", "must be false"],
    [metadata.refresh_token_grace_period === 0, "refresh_token_grace_period", "must be 0"],
  ];
  const both: typeof fapi = [
    [metadata.require_pkce, "require_pkce", "must be true"],
    [
      metadata.response_types.every((type) => type === "code"),
      "response_types",
      "must be code alone",
    ],
  ];
  return [...profile === "fapi2" ? fapi : [], ...both]
    .flatMap(([isRight, path, problem]) =>
      isRight ? [] : [{ path, problem: `${problem} for the profile ${profile}` }]
    );
}
