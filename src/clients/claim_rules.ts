import { z } from "zod";
import type { ClaimRule, Client } from "../../stores/clients.ts";
import type { CustomClaim } from "../../stores/custom_claims.ts";
import { claimNamePattern, isProtocolClaim, weightOf } from "../protocol/claim_names.ts";
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

/** What decides whether a rule has an effect, as an entry or a record has it. */
interface WrittenRule {
  readonly claim: string;
  readonly as?: string | null | undefined;
}

/** Names that stand for a person at other servers: no two people have the same here, or it is proven. */
const identifying = ["preferred_username", "email", "email_verified"];

/**
 * Why a rule has no effect; null: it has. Nobody gets roles at an application, or somebody else's account,
 * by what they write about themselves: so what users write takes no name of this kind. Of the claims of
 * this server, only `groups` are an administrator's word, and names that are unique here may be another
 * name of the account.
 *
 * @param definitions the custom claims
 */
function claimRuleProblem(
  { claim, as }: WrittenRule,
  definitions: readonly CustomClaim[],
): string | null {
  if (typeof as !== "string" || as === claim || !isUsersWord(claim, definitions)) return null;
  const weight = weightOf(as);
  if (weight === "authority" || (weight === "identity" && !identifying.includes(claim))) {
    return "must not be a name that applications trust: users write the value themselves";
  }
  return definitions.some((one) => one.claim === as && one.changedBy === "administrator")
    ? "must not be a custom claim that only administrators change: users write the value themselves"
    : null;
}

/**
 * The rules that have no effect, each by its place in the list.
 * @param standing rules that were there before a change: they are no reason to refuse it. Default: none
 */
export function claimRuleProblems(
  rules: readonly WrittenRule[],
  definitions: readonly CustomClaim[],
  standing: readonly WrittenRule[] = [],
): { readonly index: number; readonly rule: string }[] {
  return rules.flatMap((one, index) => {
    const stands = standing.some(({ claim, as }) => claim === one.claim && as === one.as);
    const rule = stands ? null : claimRuleProblem(one, definitions);
    return rule === null ? [] : [{ index, rule }];
  });
}

/** Whether users write a claim themselves, or it only follows from what they wrote. */
function isUsersWord(claim: string, definitions: readonly CustomClaim[]): boolean {
  if (allClaims.includes(claim)) return claim !== "groups";
  return definitions.some((one) => one.claim === claim && one.changedBy === "user");
}

/**
 * The claims as a client wants them. A claim without a rule stays as it is, and one with a rule that has
 * no effect is left out: the rule may be older than the definition of a custom claim, or than this check.
 */
export function ruledClaims(
  { claimRules }: Pick<Client, "claimRules">,
  claims: Readonly<Record<string, unknown>>,
  definitions: readonly CustomClaim[],
): Record<string, unknown> {
  if (claimRules.length === 0) return claims;
  const named = new Set(claimRules.map(({ claim }) => claim));
  const ruled = Object.entries(claims).filter(([name]) => !named.has(name));
  for (const rule of claimRules) {
    if (!Object.hasOwn(claims, rule.claim)) continue;
    if (claimRuleProblem(rule, definitions) !== null) continue;
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
