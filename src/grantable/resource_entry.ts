import { z } from "zod";
import { signingAlgorithms, usable } from "../../stores/provider.ts";
import { isOwnScope, ownScopes } from "../../stores/resource_scopes.ts";
import type { Resource } from "../../stores/resources.ts";
import { shownTextProblem } from "../identifiers/shown_text.ts";
import { isScopeToken, scopeTokenRule } from "../protocol/scope_token.ts";

/** @see RFC 6749 section 3.3 */
const scopeToken = z.string().refine(isScopeToken, scopeTokenRule).refine(
  (name) => !name.startsWith("latchkey:"),
  "must not begin with latchkey:, as only the server's own do",
).refine(
  (name) => !isOwnScope(name),
  `must not be one of the server's own scopes, ${ownScopes.join(", ")} and claims:*`,
);

const webUri = z.url({ protocol: /^https?$/, error: "must be an http(s) URL" }).max(2048);

/** What clients read about a resource, beyond its entry. @see RFC 9728 section 2 */
const metadataSchema = z.strictObject({
  resource_name: z.string().max(256).refine(
    (name) => shownTextProblem(name) === null,
    "must have no control characters and none that turn the direction of writing",
  ).optional(),
  resource_documentation: webUri.optional(),
  resource_policy_uri: webUri.optional(),
  resource_tos_uri: webUri.optional(),
  dpop_bound_access_tokens_required: z.boolean().default(false),
});

/** A resource as an operator writes it. @see RFC 8707 section 2 */
export const resourceEntrySchema = z.strictObject({
  resource: z.string().refine(
    (uri) => uri.length <= 256 && URL.canParse(uri) && !uri.includes("#"),
    "must be an absolute URI without a fragment, of at most 256 characters",
  ),
  scopes: z.array(scopeToken).max(256).default([]),
  access_token_format: z.enum(["jwt", "opaque"]).default("opaque"),
  access_token_signing_alg: z.enum(usable(signingAlgorithms)).optional(),
  introspection_clients: z.array(z.string().min(1).max(256)).max(64).default([]),
  clients: z.union(
    [z.literal("any"), z.array(z.string().min(1).max(256)).max(1000)],
    "must be any, or a list of client ids",
  ).optional(),
  metadata: metadataSchema.optional(),
}).refine(
  ({ access_token_format: format, access_token_signing_alg: alg }) =>
    alg === undefined || format === "jwt",
  { path: ["access_token_signing_alg"], error: "needs access_token_format jwt" },
);

/** The record of an entry. @param now epoch seconds */
export function resourceOf(entry: z.infer<typeof resourceEntrySchema>, now: number): Resource {
  const { metadata } = entry;
  return {
    resource: entry.resource,
    scopes: [...new Set(entry.scopes)],
    accessTokenFormat: entry.access_token_format,
    accessTokenSigningAlg: entry.access_token_signing_alg ?? null,
    introspectionClients: entry.introspection_clients,
    clients: entry.clients ?? null,
    metadata: metadata === undefined ? null : {
      resourceName: metadata.resource_name ?? null,
      resourceDocumentation: metadata.resource_documentation ?? null,
      resourcePolicyUri: metadata.resource_policy_uri ?? null,
      resourceTosUri: metadata.resource_tos_uri ?? null,
      dpopBoundAccessTokensRequired: metadata.dpop_bound_access_tokens_required,
    },
    createdAt: now,
    updatedAt: now,
  };
}
