import { z } from "zod";
import type { BootstrapKind } from "../../stores/bootstrap_entries.ts";
import type { Transaction } from "../../stores/engine/transaction.ts";
import { newPasswordSchema, usernameSchema } from "../authn/new_accounts/new_account.ts";
import { standardScopes } from "../../stores/resource_scopes.ts";
import { claimRuleProblems } from "../clients/claim_rules.ts";
import { clientMetadataSchema } from "../clients/metadata.ts";
import { standardClaimsSchema } from "../claims/claims.ts";
import { canonicalJson } from "../crypto/canonical_json.ts";
import { detailTypeEntrySchema } from "../grantable/details/type_entry.ts";
import { resourceEntrySchema } from "../grantable/resource_entry.ts";
import { customClaimEntrySchema } from "../claims/custom_claims.ts";
import { trustedIssuerEntrySchema } from "../config/trusted_issuers.ts";
import { workloadIssuerEntrySchema } from "../config/workload_issuers.ts";
import { groupNameSchema, groupSchema } from "../identifiers/group.ts";
import { validEntry } from "../protocol/json_entry.ts";
import type { WrittenEntry } from "./applied_entries.ts";
import { idOf, type ListName, lists, secretOf } from "./lists.ts";

const userSchema = z.strictObject({
  username: usernameSchema,
  password: newPasswordSchema.optional(),
  claims: standardClaimsSchema.default({}),
  custom_claims: z.record(z.string(), z.unknown()).default({}),
  /** Groups that the user is added to. Other groups of the user stay. */
  groups: z.array(groupNameSchema).max(4).default([]),
});

/**
 * A client of the file. The file belongs to the operator, so a client without `scope` gets all scopes
 * about users, as in earlier releases, apart from `groups`. A client created by the API gets only `openid`.
 */
const clientSchema = z.preprocess(
  (written) =>
    typeof written === "object" && written !== null && !("scope" in written)
      ? { ...written, scope: [...standardScopes].join(" ") }
      : written,
  clientMetadataSchema.superRefine(({ claim_rules: rules }, context) => {
    for (const { index, rule } of claimRuleProblems(rules, [])) {
      context.addIssue({ code: "custom", path: ["claim_rules", index, "as"], message: rule });
    }
  }),
);

/** Reads an entry of each list. @throws {InvalidEntry} */
export const readers = {
  clients: reader(lists.clients.kind, clientSchema, (client) => client.client_id),
  custom_claims: reader(
    lists.custom_claims.kind,
    customClaimEntrySchema,
    (declared) => declared.claim,
  ),
  authorization_detail_types: reader(
    lists.authorization_detail_types.kind,
    detailTypeEntrySchema,
    (declared) => declared.type,
  ),
  trusted_issuers: reader(
    lists.trusted_issuers.kind,
    trustedIssuerEntrySchema(),
    (trusted) => trusted.issuer,
  ),
  workload_issuers: reader(
    lists.workload_issuers.kind,
    workloadIssuerEntrySchema(),
    (trusted) => trusted.issuer,
  ),
  groups: reader(lists.groups.kind, groupSchema, ({ group }) => group),
  users: reader(lists.users.kind, userSchema, (user) => user.username),
  resources: reader(lists.resources.kind, resourceEntrySchema, ({ resource }) => resource),
} satisfies Record<ListName, unknown>;

function reader<Kind extends BootstrapKind, Schema extends z.ZodType>(
  kind: Kind,
  schema: Schema,
  nameOf: (value: z.output<Schema>) => string,
) {
  return (written: unknown): EntryOf<Kind, z.output<Schema>> => {
    const value = validEntry(schema, written);
    return {
      kind,
      id: idOf(kind, nameOf(value)),
      content: canonicalJson(written),
      secret: secretOf(kind, written),
      value,
    };
  };
}

/** A valid entry of the file. */
export type Entry = ReturnType<(typeof readers)[ListName]>;

interface EntryOf<Kind extends BootstrapKind, Value> extends WrittenEntry {
  readonly kind: Kind;
  readonly value: Value;
}

/** The value of the entries of one kind. */
export type ValueOf<Kind extends Entry["kind"]> = Extract<Entry, { kind: Kind }>["value"];

/**
 * The change of an entry, with its audit event. A step contains at most one such change.
 * @param keepsSecret whether the password or secret of the entry was applied before, so that the object keeps
 *   the one that it has now
 */
export type Change = (tx: Transaction, keepsSecret: boolean) => Promise<void>;
