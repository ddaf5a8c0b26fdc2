import { z } from "zod";
import {
  assertionAlgorithms,
  clientAuthenticationMethods,
} from "../../stores/client_authentication.ts";
import { clientProfiles } from "../../stores/clients.ts";
import { grantTypes } from "../../stores/grant_types.ts";
import { claimRulesSchema } from "./claim_rules.ts";
import { groupNameSchema } from "../identifiers/group.ts";
import { isBlank, shownText } from "../identifiers/shown_text.ts";
import { responseTypes } from "../../stores/response_types.ts";
import { signingAlgorithms, usable } from "../../stores/provider.ts";
import {
  exchangePolicy,
  exchangePolicySchema,
  idJagAudiences,
  idJagAudiencesSchema,
} from "./exchange_policy.ts";
import { certificateMembers } from "./certificate_members.ts";
import { cibaMembers } from "./ciba_members.ts";
import { calledUrlProblem } from "../identifiers/web_url.ts";
import { jwksSchema } from "./jwks.ts";
import { logoProblem } from "./logo.ts";
import { logoutMembers } from "./logout_members.ts";
import { checked, converted, flag, kept, orNull, scopeNames, unrecorded, words } from "./member.ts";
import { secretProblem } from "./secret.ts";
import { sectorUriProblem } from "./request_uri.ts";
import { workloadMembers } from "./workload_members.ts";
import { signedMembers } from "./signed_members.ts";

const text = shownText(256);
const uris = z.array(z.string().max(2048)).max(64).default([]);
const webUri = z.url({ protocol: /^https?$/, error: "must be an http(s) URL" }).max(2048);
/** A resource that the client may ask for; with `scope` for that alone, else for all in its scope. */
const resourceEntry = z.union([
  z.string().max(256),
  z.strictObject({ resource: z.string().max(256), scope: z.string().max(2048).optional() }),
], "must be resources, or objects with resource and scope");

/**
 * The members of client metadata, by their names on the wire, in the order in which they are answered. A
 * new one is a line here and a line in the record of stores/clients.ts.
 *
 * @see RFC 7591 section 2, OpenID Connect Dynamic Client Registration section 2
 */
export const members = {
  client_id: kept(
    "clientId",
    "operator",
    z.string().min(1).max(256).regex(/^[\x21-\x7e]+$/, "must be printable ASCII")
      // A URL cannot have them as a part of its path, so the admin API could not name the client.
      .regex(/^(?!\.{1,2}$)/, "must not be one or two dots"),
  ),
  client_secret: unrecorded(checked(secretProblem).optional()),
  client_name: converted("clientName", "anyone", text.optional(), {
    // A name of invisible characters counts as none.
    toRecord: (name = "", { client_id }) => isBlank(name) ? client_id : name,
    toWire: (name) => name,
  }),
  client_uri: converted("clientUri", "anyone", webUri.optional(), orNull),
  // The consent page shows it, so a stranger could pass for a bank.
  logo_uri: converted("logoUri", "operator", checked(logoProblem).optional(), orNull),
  policy_uri: converted("policyUri", "anyone", webUri.optional(), orNull),
  tos_uri: converted("tosUri", "anyone", webUri.optional(), orNull),
  initiate_login_uri: converted(
    "initiateLoginUri",
    "anyone",
    z.url({ protocol: /^https$/, error: "must be an https URL" }).max(2048).optional(),
    orNull,
  ),
  contacts: kept("contacts", "anyone", z.array(text).max(16).default([])),
  profile: kept("profile", "operator", z.enum(clientProfiles).default("standard")),
  application_type: kept("applicationType", "anyone", z.enum(["web", "native"]).default("web")),
  redirect_uris: kept("redirectUris", "anyone", uris),
  post_logout_redirect_uris: kept("postLogoutRedirectUris", "anyone", uris),
  web_origins: kept("webOrigins", "operator", z.array(text).max(64).default([])),
  response_types: kept(
    "responseTypes",
    "anyone",
    z.array(z.enum(responseTypes)).default(["code"]),
  ),
  grant_types: kept(
    "grantTypes",
    "anyone",
    z.array(z.enum(grantTypes)).default(["authorization_code"]),
  ),
  token_endpoint_auth_method: kept(
    "tokenEndpointAuthMethod",
    "anyone",
    z.enum(clientAuthenticationMethods).default("client_secret_basic"),
  ),
  token_endpoint_auth_signing_alg: converted(
    "tokenEndpointAuthSigningAlg",
    "anyone",
    z.enum([
      ...assertionAlgorithms.client_secret_jwt,
      ...usable(assertionAlgorithms.private_key_jwt),
    ]).optional(),
    orNull,
  ),
  jwks: converted("jwks", "anyone", jwksSchema.optional(), orNull),
  jwks_uri: converted("jwksUri", "anyone", checked(calledUrlProblem).optional(), orNull),
  scope: converted(
    "scope",
    "anyone",
    scopeNames.default("openid"),
    { toRecord: words, toWire: (names) => names.join(" ") },
  ),
  resources: converted("resources", "operator", z.array(resourceEntry).max(64).optional(), {
    toRecord: (entries) => entries?.map(resourceEntryOf) ?? null,
    toWire: (entries) =>
      entries?.map(({ resource, scope }) =>
        scope === null ? resource : { resource, scope: scope.join(" ") }
      ),
  }),
  authorization_details_types: kept(
    "authorizationDetailsTypes",
    "operator",
    z.array(z.string().min(1).max(128)).max(16).default([]),
  ),
  token_exchange: converted(
    "tokenExchange",
    "operator",
    exchangePolicySchema.optional(),
    exchangePolicy,
  ),
  id_jag_audiences: converted(
    "idJagAudiences",
    "operator",
    idJagAudiencesSchema,
    idJagAudiences,
  ),
  may_act: converted("mayAct", "operator", z.string().min(1).max(256).optional(), orNull),
  native_sso: converted(
    "nativeSso",
    "operator",
    z.string().regex(/^[A-Za-z0-9._-]{1,64}$/, "must be a name of letters, digits and . _ -")
      .optional(),
    orNull,
  ),
  id_token_signed_response_alg: kept(
    "idTokenSignedResponseAlg",
    "anyone",
    z.enum(usable(signingAlgorithms)).default("RS256"),
  ),
  id_token_scope_claims: kept("idTokenScopeClaims", "operator", flag(false)),
  subject_type: kept("subjectType", "anyone", z.enum(["public", "pairwise"]).default("public")),
  sector_identifier_uri: converted(
    "sectorIdentifierUri",
    "anyone",
    checked(sectorUriProblem).optional(),
    orNull,
  ),
  default_max_age: converted(
    "defaultMaxAge",
    "anyone",
    z.int().nonnegative().optional(),
    orNull,
  ),
  require_auth_time: kept("requireAuthTime", "anyone", flag(false)), // it is in every ID token anyway
  require_pkce: converted("requirePkce", "operator", flag(true), {
    // Without a secret, nothing but PKCE binds a code to its client.
    toRecord: (must, others) => must || others.token_endpoint_auth_method === "none",
    toWire: (must) => must,
  }),
  claim_rules: converted("claimRules", "operator", claimRulesSchema.default([]), {
    toRecord: (rules) =>
      rules.map(({ claim, as = null, only = null, prefix = null }) => ({
        claim,
        as,
        only,
        prefix,
      })),
    toWire: (rules) =>
      rules.map(({ claim, ...others }) => ({
        claim,
        ...Object.fromEntries(Object.entries(others).filter(([, value]) => value !== null)),
      })),
  }),
  allowed_groups: converted(
    "allowedGroups",
    "operator",
    z.array(groupNameSchema).max(64).optional(),
    orNull,
  ),
  skip_consent: kept("skipConsent", "operator", flag(false)),
  rotate_refresh_tokens: kept("rotateRefreshTokens", "operator", flag(true)),
  refresh_token_grace_period: kept(
    "refreshTokenGracePeriod",
    "operator",
    z.int().min(0).max(60).default(10),
  ),
  require_pushed_authorization_requests: kept(
    "requirePushedAuthorizationRequests",
    "anyone",
    flag(false),
  ),
  dpop_bound_access_tokens: kept("dpopBoundAccessTokens", "anyone", flag(false)),
  ...signedMembers,
  ...cibaMembers,
  ...logoutMembers,
  ...certificateMembers,
  ...workloadMembers,
};

/** An entry of `resources` as the record has it. */
export function resourceEntryOf(entry: z.infer<typeof resourceEntry>) {
  if (typeof entry === "string") return { resource: entry, scope: null };
  return { resource: entry.resource, scope: entry.scope === undefined ? null : words(entry.scope) };
}
