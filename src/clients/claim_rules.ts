import { z } from "zod";
import type { ClaimRule, Client } from "../../stores/clients.ts";
import { claimNamePattern, isProtocolClaim } from "../protocol/claim_names.ts";
import { allClaims } from "../protocol/scope_claims.ts";

const claimName = z.string().regex(claimNamePattern, "must be a claim's name");

/**
 * How a client gets a claim under another name (`as`), with `only` some of its values, and with a
 * `prefix` before each. Values are texts or lists of texts; a rule does not touch others.
 */
const claimRuleSchema = z.strictObject({
  claim: claimName.refine((name) => !isProtocolClaim(name), "must be about the person"),
  as: claimName
    .refine((name) => !isProtocolClaim(name), "must not be a claim with a meaning in tokens")
    .refine(
      (name) => name === "groups" || !allClaims.includes(name),
      "must not be a standard claim: applications trust those",
    ).optional(),
  only: z.array(z.string().max(128)).max(100).optional(),
  prefix: z.string().max(64).optional(),
});

export const claimRulesSchema = z.array(claimRuleSchema).max(16).superRefine((rules, context) => {
  const targets = rules.map(({ claim, as = claim }) => as);
  if (new Set(targets).size === targets.length) return;
  context.addIssue("must not make one claim of two");
});

/** The claims as a client wants them. A claim without a rule stays as it is. */
export function ruledClaims(
  { claimRules }: Pick<Client, "claimRules">,
  claims: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  if (claimRules.length === 0) return claims;
  const named = new Set(claimRules.map(({ claim }) => claim));
  const ruled = Object.entries(claims).filter(([name]) => !named.has(name));
  for (const rule of claimRules) {
    if (!Object.hasOwn(claims, rule.claim)) continue;
    const value = ruledValue(rule, claims[rule.claim]);
    if (value !== undefined) ruled.push([rule.as ?? rule.claim, value]);
  }
  return Object.fromEntries(ruled);
}

function ruledValue(rule: ClaimRule, value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map((one) => ruledValue(rule, one)).filter((one) => one !== undefined);
  }
  if (typeof value !== "string") return value;
  if (rule.only !== null && !rule.only.includes(value)) return undefined;
  return `${rule.prefix ?? ""}${value}`;
}
