import { systemOrigin } from "../../stores/engine/transaction.ts";
import * as providers from "../../stores/provider.ts";
import { claimRuleProblems } from "../clients/claim_rules.ts";
import type { Deps } from "../deps/deps.ts";
import type { Entry } from "./entries.ts";

/**
 * Warns of claim rules in the bootstrap file that have no effect, because users may change the custom claim.
 * A client comes before the claims in the file, so it cannot be refused for that.
 */
export async function warnOfIdleRules(deps: Deps, entries: readonly Entry[]): Promise<void> {
  const { provider } = await deps.kv.step(systemOrigin, (tx) => providers.read(tx, {}));
  for (const entry of entries) {
    if (entry.kind !== "client") continue;
    const problems = claimRuleProblems(entry.value.claim_rules, provider.customClaims);
    for (const { index, rule } of problems) {
      deps.logger.warn(
        `client "${entry.id}" of the bootstrap file has a rule without effect: claim_rules.${index}.as \
${rule}`,
        { kind: entry.kind, id: entry.id },
      );
    }
  }
}
