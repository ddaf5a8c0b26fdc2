import { z } from "zod";
import type { Transaction } from "../../stores/engine/transaction.ts";
import { signingAlgorithms, usable } from "../../stores/provider.ts";
import type { Resource } from "../../stores/resources.ts";
import { newPasswordSchema, usernameSchema } from "../authn/new_accounts/new_account.ts";
import { isOwnScope, ownScopes, standardScopes } from "../../stores/resource_scopes.ts";
import { clientMetadataSchema } from "../clients/metadata.ts";
import { standardClaimsSchema } from "../claims/claims.ts";
import { shownTextProblem } from "../identifiers/shown_text.ts";
import { detailTypeEntrySchema } from "../grantable/details/type_entry.ts";
import { customClaimEntrySchema } from "../claims/custom_claims.ts";
import { trustedIssuerEntrySchema } from "../config/trusted_issuers.ts";
import { workloadIssuerEntrySchema } from "../config/workload_issuers.ts";
import { groupNameSchema, groupSchema } from "../identifiers/group.ts";
import { isScopeToken, scopeTokenRule } from "../protocol/scope_token.ts";
import { type ListName, lists } from "./lists.ts";

const userSchema = z.strictObject({
  username: usernameSchema,
  password: newPasswordSchema.optional(),
  claims: standardClaimsSchema.default({}),
  custom_claims: z.record(z.string(), z.unknown()).default({}),
  /** Groups that the user enters. They leave none that is missing here. */
  groups: z.array(groupNameSchema).max(4).default([]),
});

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

/** @see RFC 8707 section 2 */
const resourceSchema = z.strictObject({
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

/** Makes the record of a resource that matches the schema. @param now epoch seconds */
export function resourceOf(metadata: z.infer<typeof resourceSchema>, now: number): Resource {
  return {
    resource: metadata.resource,
    scopes: [...new Set(metadata.scopes)],
    accessTokenFormat: metadata.access_token_format,
    accessTokenSigningAlg: metadata.access_token_signing_alg ?? null,
    introspectionClients: metadata.introspection_clients,
    clients: metadata.clients ?? null,
    metadata: metadata.metadata === undefined ? null : {
      resourceName: metadata.metadata.resource_name ?? null,
      resourceDocumentation: metadata.metadata.resource_documentation ?? null,
      resourcePolicyUri: metadata.metadata.resource_policy_uri ?? null,
      resourceTosUri: metadata.metadata.resource_tos_uri ?? null,
      dpopBoundAccessTokensRequired: metadata.metadata.dpop_bound_access_tokens_required,
    },
    createdAt: now,
    updatedAt: now,
  };
}

/**
 * A client of the file. The file belongs to the operator, so a client without `scope` gets all scopes
 * about users, as in earlier releases, apart from `groups`. A client created by the API gets only `openid`.
 */
const clientSchema = z.preprocess(
  (written) =>
    typeof written === "object" && written !== null && !("scope" in written)
      ? { ...written, scope: [...standardScopes].join(" ") }
      : written,
  clientMetadataSchema,
);

/** The lists of the file, each with the schema of its entries. */
export const kinds = {
  clients: { ...lists.clients, schema: clientSchema },
  custom_claims: { ...lists.custom_claims, schema: customClaimEntrySchema },
  authorization_detail_types: {
    ...lists.authorization_detail_types,
    schema: detailTypeEntrySchema,
  },
  trusted_issuers: { ...lists.trusted_issuers, schema: trustedIssuerEntrySchema },
  workload_issuers: { ...lists.workload_issuers, schema: workloadIssuerEntrySchema },
  groups: { ...lists.groups, schema: groupSchema },
  users: { ...lists.users, schema: userSchema },
  resources: { ...lists.resources, schema: resourceSchema },
} satisfies Record<ListName, unknown>;

/** A valid entry of the file. */
export type Entry =
  | EntryOf<"client", z.infer<typeof clientMetadataSchema>>
  | EntryOf<"custom_claim", z.infer<typeof customClaimEntrySchema>>
  | EntryOf<"authorization_detail_type", z.infer<typeof detailTypeEntrySchema>>
  | EntryOf<"trusted_issuer", z.infer<typeof trustedIssuerEntrySchema>>
  | EntryOf<"workload_issuer", z.infer<typeof workloadIssuerEntrySchema>>
  | EntryOf<"group", z.infer<typeof groupSchema>>
  | EntryOf<"user", z.infer<typeof userSchema>>
  | EntryOf<"resource", z.infer<typeof resourceSchema>>;

export interface EntryOf<Kind extends string, Value> {
  readonly kind: Kind;
  /** Entries with the same id are about the same object. */
  readonly id: string;
  /**
   * The entry as written, in canonical JSON. Not as parsed: a later release with a new default would
   * treat each entry as changed, and would set passwords back.
   */
  readonly content: string;
  readonly value: Value;
}

/** The value of the entries of one kind. */
export type ValueOf<Kind extends Entry["kind"]> = Extract<Entry, { kind: Kind }>["value"];

/** The change of an entry, with its audit event. A step contains at most one such change. */
export type Change = (tx: Transaction) => Promise<void>;
