import { z } from "zod";
import { type Client, clientAuthenticationMethods, grantTypes } from "../../stores/clients.ts";
import { signingAlgorithms } from "../../stores/provider.ts";
import { isScopeToken } from "../protocol/scope_token.ts";
import { logoProblem } from "./logo.ts";
import { privateUseSchemeProblem } from "./private_use_scheme.ts";
import { isLoopback } from "./redirect_uri.ts";
import { secretProblem } from "./secret.ts";
import { webOriginProblem } from "./web_origin.ts";

const webUri = z.url({ protocol: /^https?$/, error: "must be an http(s) URL" }).max(2048);
const text = z.string().max(256);

/** A resource that the client may ask for; with `scope` for that alone, else for all in its scope. */
const resourceEntry = z.union([
  z.string().max(256),
  z.strictObject({ resource: z.string().max(256), scope: z.string().max(2048).optional() }),
], "must be resources, or objects with resource and scope");

/**
 * Client metadata as it comes from an operator.
 *
 * @see RFC 7591 section 2, OpenID Connect Dynamic Client Registration section 2
 */
export const clientMetadataSchema = z.strictObject({
  client_id: z.string().min(1).max(256).regex(/^[\x21-\x7e]+$/, "must be printable ASCII"),
  client_secret: z.string().superRefine((secret, context) => {
    const problem = secretProblem(secret);
    if (problem !== null) context.addIssue(problem);
  }).optional(),
  client_name: text.optional(),
  client_uri: webUri.optional(),
  logo_uri: z.string().superRefine((uri, context) => {
    const problem = logoProblem(uri);
    if (problem !== null) context.addIssue(problem);
  }).optional(),
  policy_uri: webUri.optional(),
  tos_uri: webUri.optional(),
  contacts: z.array(text).max(16).default([]),
  application_type: z.enum(["web", "native"]).default("web"),
  redirect_uris: z.array(z.string().max(2048)).max(64).default([]),
  post_logout_redirect_uris: z.array(z.string().max(2048)).max(64).default([]),
  web_origins: z.array(z.string().max(256)).max(64).default([]),
  response_types: z.array(z.literal("code")).default(["code"]),
  grant_types: z.array(z.enum(grantTypes)).default(["authorization_code"]),
  token_endpoint_auth_method: z.enum(clientAuthenticationMethods).default("client_secret_basic"),
  scope: z.string().max(2048).refine(
    (scope) => words(scope).every(isScopeToken),
    "must be scope names of printable ASCII without quotes and backslashes, with single spaces between",
  ).default("openid"),
  resources: z.array(resourceEntry).max(64).optional(),
  id_token_signed_response_alg: z.enum(signingAlgorithms).default("RS256"),
  id_token_scope_claims: z.boolean().default(false),
  subject_type: z.literal("public").default("public"),
  default_max_age: z.int().nonnegative().optional(),
  require_auth_time: z.boolean().default(false), // auth_time is in every ID token
  require_pkce: z.boolean().default(true),
  skip_consent: z.boolean().default(false),
  rotate_refresh_tokens: z.boolean().default(true),
  refresh_token_grace_period: z.int().min(0).max(60).default(10),
  require_pushed_authorization_requests: z.boolean().default(false),
  dpop_bound_access_tokens: z.boolean().default(false),
}).superRefine((metadata, context) => {
  const refuse = (path: keyof typeof metadata, message: string) =>
    context.addIssue({ code: "custom", path: [path], message });
  const isPublic = metadata.token_endpoint_auth_method === "none";

  if (isPublic && metadata.client_secret !== undefined) {
    refuse("client_secret", "must be absent where token_endpoint_auth_method is none");
  }
  if (!isPublic && metadata.client_secret === undefined) {
    refuse("client_secret", "is missing: set one, or token_endpoint_auth_method to none");
  }
  if (isPublic && metadata.grant_types.includes("client_credentials")) {
    refuse("grant_types", "must not hold client_credentials for a client without a secret");
  }
  if (isPublic && !metadata.rotate_refresh_tokens) {
    refuse("rotate_refresh_tokens", "can be turned off for a client with a secret only");
  }
  if (
    metadata.grant_types.includes("authorization_code") && metadata.redirect_uris.length === 0
  ) {
    refuse("redirect_uris", "must hold at least one, for the grant type authorization_code");
  }
  const names = words(metadata.scope);
  for (const entry of metadata.resources ?? []) {
    const { resource, scope } = resourceEntryOf(entry);
    if (!URL.canParse(resource) || resource.includes("#")) {
      refuse("resources", "must be absolute URIs without a fragment");
    }
    if (scope?.some((name) => !names.includes(name))) {
      refuse("resources", "must not have a scope that is not in the client's scope");
    }
  }
  for (const origin of metadata.web_origins) {
    const problem = webOriginProblem(origin);
    if (problem) refuse("web_origins", problem);
  }
  for (const path of ["redirect_uris", "post_logout_redirect_uris"] as const) {
    for (const uri of metadata[path]) {
      const problem = redirectUriProblem(uri, metadata.application_type);
      if (problem) refuse(path, problem);
    }
  }
});
export type ClientMetadata = z.infer<typeof clientMetadataSchema>;

/** Makes a record of metadata that the schema let pass. @param now epoch seconds */
export function clientOf(
  metadata: ClientMetadata,
  secretDigest: string | null,
  now: number,
): Client {
  return {
    clientId: metadata.client_id,
    secretDigest,
    clientName: metadata.client_name ?? metadata.client_id,
    clientUri: metadata.client_uri ?? null,
    logoUri: metadata.logo_uri ?? null,
    policyUri: metadata.policy_uri ?? null,
    tosUri: metadata.tos_uri ?? null,
    contacts: metadata.contacts,
    applicationType: metadata.application_type,
    redirectUris: metadata.redirect_uris,
    postLogoutRedirectUris: metadata.post_logout_redirect_uris,
    webOrigins: metadata.web_origins,
    grantTypes: metadata.grant_types,
    tokenEndpointAuthMethod: metadata.token_endpoint_auth_method,
    scope: words(metadata.scope),
    resources: metadata.resources?.map(resourceEntryOf) ?? null,
    idTokenSignedResponseAlg: metadata.id_token_signed_response_alg,
    idTokenScopeClaims: metadata.id_token_scope_claims,
    defaultMaxAge: metadata.default_max_age ?? null,
    requirePkce: metadata.require_pkce || metadata.token_endpoint_auth_method === "none",
    skipConsent: metadata.skip_consent,
    rotateRefreshTokens: metadata.rotate_refresh_tokens,
    refreshTokenGracePeriod: metadata.refresh_token_grace_period,
    requirePushedAuthorizationRequests: metadata.require_pushed_authorization_requests,
    dpopBoundAccessTokens: metadata.dpop_bound_access_tokens,
    epoch: 0,
    grantsEndBefore: 0,
    createdAt: now,
    updatedAt: now,
  };
}

function resourceEntryOf(entry: z.infer<typeof resourceEntry>) {
  if (typeof entry === "string") return { resource: entry, scope: null };
  return { resource: entry.resource, scope: entry.scope === undefined ? null : words(entry.scope) };
}

function words(text: string): string[] {
  return text.split(" ").filter((word) => word !== "");
}

function resourceMetadata({ resources }: Client) {
  return resources?.map(({ resource, scope }) =>
    scope === null ? resource : { resource, scope: scope.join(" ") }
  );
}

/** The metadata of a record, in the names and the order of the schema; never the secret. */
export function metadataOf(client: Client): Record<string, unknown> {
  const optional = {
    client_uri: client.clientUri,
    logo_uri: client.logoUri,
    policy_uri: client.policyUri,
    tos_uri: client.tosUri,
    default_max_age: client.defaultMaxAge,
  };
  return {
    client_id: client.clientId,
    client_name: client.clientName,
    ...Object.fromEntries(Object.entries(optional).filter(([, value]) => value !== null)),
    contacts: client.contacts,
    application_type: client.applicationType,
    redirect_uris: client.redirectUris,
    post_logout_redirect_uris: client.postLogoutRedirectUris,
    web_origins: client.webOrigins,
    response_types: ["code"],
    grant_types: client.grantTypes,
    token_endpoint_auth_method: client.tokenEndpointAuthMethod,
    scope: client.scope.join(" "),
    ...(client.resources === null ? {} : { resources: resourceMetadata(client) }),
    id_token_signed_response_alg: client.idTokenSignedResponseAlg,
    id_token_scope_claims: client.idTokenScopeClaims,
    subject_type: "public",
    require_auth_time: false,
    require_pkce: client.requirePkce,
    skip_consent: client.skipConsent,
    rotate_refresh_tokens: client.rotateRefreshTokens,
    refresh_token_grace_period: client.refreshTokenGracePeriod,
    require_pushed_authorization_requests: client.requirePushedAuthorizationRequests,
    dpop_bound_access_tokens: client.dpopBoundAccessTokens,
  };
}

/** @see RFC 6749 section 3.1.2, RFC 8252 sections 7 and 8.4, RFC 9700 section 2.1 */
function redirectUriProblem(text: string, applicationType: "web" | "native"): string | null {
  if (!URL.canParse(text)) return "must be absolute URIs";
  // Where a parser would quietly change the text, browsers would not be sent to what was registered.
  if (!/^[\x21-\x5b\x5d-\x7e]+$/.test(text)) {
    return "must be printable ASCII without spaces and backslashes: percent-encode others";
  }
  if (/^https?:(?!\/\/[^/])/i.test(text)) return "must have two slashes before the host";
  const uri = new URL(text);
  if (text.includes("#")) return "must have no fragment";
  if (text.includes("*")) return "must have no wildcard: each is matched exactly";
  if (uri.username || uri.password) return "must have no user name or password";
  if (uri.protocol === "https:") return null;
  if (uri.protocol === "http:") {
    return isLoopback(uri) ? null : "must be https, except on a loopback address";
  }
  if (applicationType !== "native") {
    return "must be https; a private-use scheme needs application_type native";
  }
  return privateUseSchemeProblem(text);
}
