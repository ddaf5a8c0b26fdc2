import { z } from "zod";
import {
  type CustomClaim,
  customClaimTypes,
  type CustomClaimValues,
} from "../../stores/custom_claims.ts";
import * as providers from "../../stores/provider.ts";
import type { ProviderItems } from "../../stores/provider_items.ts";
import { claimScopePrefix } from "../../stores/resource_scopes.ts";
import { canonicalJson } from "../crypto/canonical_json.ts";
import { shownText } from "../identifiers/shown_text.ts";
import { isScopeToken } from "../protocol/scope_token.ts";
import { claimNamePattern, isProtocolClaim, weightOf } from "../protocol/claim_names.ts";
import { allClaims, scopeClaims } from "../protocol/scope_claims.ts";

/** Steps read the definitions with the record about the server, so there are few. */
export const mostCustomClaims = 32;
/** Bytes of a person's values together, as JSON: tokens carry them in headers. */
const mostBytes = 4096;

/** A definition as an operator writes it. */
export const customClaimEntrySchema = z.strictObject({
  claim: z.string().regex(
    claimNamePattern,
    "must begin with a letter, and have only letters, digits and _ : . / -, at most 128",
  ).refine((name) => !isProtocolClaim(name), "must not be a claim with a meaning in tokens")
    .refine((name) => !allClaims.includes(name), "must not be a standard claim"),
  type: z.enum(customClaimTypes).default("string"),
  scope: z.string().max(128).refine(
    (name) =>
      Object.hasOwn(scopeClaims, name) ||
      (name.startsWith(claimScopePrefix) && name.length > claimScopePrefix.length &&
        isScopeToken(name)),
    `must be ${Object.keys(scopeClaims).join(", ")}, or begin with ${claimScopePrefix}`,
  ),
  label: shownText(64).optional(),
  changed_by: z.enum(["administrator", "user"]).default("administrator"),
}).refine(({ claim, changed_by }) => changed_by !== "user" || weightOf(claim) === null, {
  path: ["changed_by"],
  error: "must be administrator for a claim of this name: applications trust it",
});

export function customClaimOf(entry: z.infer<typeof customClaimEntrySchema>): CustomClaim {
  const { claim, type, scope, label = claim, changed_by: changedBy } = entry;
  return { claim, type, scope, label, changedBy };
}

/** The definitions in the record about the server. */
export const customClaimItems: ProviderItems<CustomClaim> = {
  event: "custom_claim",
  idOf: ({ claim }) => claim,
  itemsOf: ({ customClaims }) => customClaims,
  problemOf: ({ length }) =>
    length > mostCustomClaims ? `there are ${mostCustomClaims} custom claims already` : null,
  set: (tx, provider, customClaims) => providers.setLists(tx, provider, { customClaims }),
};

const valueSchemas: Readonly<Record<CustomClaim["type"], z.ZodType>> = {
  string: shownText(512),
  number: z.number(),
  boolean: z.boolean(),
  strings: z.array(shownText(128)).max(32),
};

/** A rule that values break, and the claim; null: they may be stored. */
export interface CustomClaimProblem {
  readonly claim: string | null;
  readonly rule: string;
}

/** The values of a user, as they are stored and as they are to be. */
export interface CustomClaimsChange {
  readonly before: CustomClaimValues;
  readonly after: CustomClaimValues;
}

/** A value that stays as it is needs no definition any more. */
export function customClaimsProblem(
  definitions: readonly CustomClaim[],
  { before, after }: CustomClaimsChange,
): CustomClaimProblem | null {
  for (const [claim, value] of Object.entries(after)) {
    if (Object.hasOwn(before, claim) && canonicalJson(before[claim]) === canonicalJson(value)) {
      continue;
    }
    const definition = definitions.find((one) => one.claim === claim);
    if (definition === undefined) return { claim, rule: "is not a custom claim of this server" };
    if (!isValueOf(definition, value)) return { claim, rule: valueRules[definition.type] };
  }
  const bytes = new TextEncoder().encode(JSON.stringify(after)).length;
  return bytes > mostBytes ? { claim: null, rule: `must have at most ${mostBytes} bytes` } : null;
}

const valueRules: Readonly<Record<CustomClaim["type"], string>> = {
  string: "must be a text of at most 512 characters, without control characters",
  number: "must be a number",
  boolean: "must be true or false",
  strings: "must be at most 32 texts of at most 128 characters",
};

/** Whether a value has the type of a custom claim. */
export function isValueOf({ type }: Pick<CustomClaim, "type">, value: unknown): boolean {
  return valueSchemas[type].safeParse(value).success;
}

/**
 * The values that scopes tell or that were requested one by one, as far as they fit their definitions.
 * A claim that users write is left out if applications trust its name: it may have been defined before that
 * was refused.
 */
export function customClaimsFor(
  definitions: readonly CustomClaim[],
  values: CustomClaimValues,
  { scope, names }: { readonly scope: readonly string[]; readonly names: readonly string[] },
): Record<string, unknown> {
  const told = definitions.filter((one) =>
    (scope.includes(one.scope) || names.includes(one.claim)) && Object.hasOwn(values, one.claim) &&
    isValueOf(one, values[one.claim]) && (one.changedBy !== "user" || weightOf(one.claim) === null)
  );
  return Object.fromEntries(told.map(({ claim }) => [claim, values[claim]]));
}
