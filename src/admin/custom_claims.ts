import type { CustomClaim } from "../../stores/custom_claims.ts";
import type { Transaction } from "../../stores/engine/transaction.ts";
import * as providers from "../../stores/provider.ts";
import {
  customClaimEntrySchema,
  customClaimItems,
  customClaimOf,
  type CustomClaimsChange,
  customClaimsProblem,
} from "../claims/custom_claims.ts";
import { InvalidEntry, validEntry } from "../protocol/json_entry.ts";
import type { ProviderList } from "./provider_list.ts";

/**
 * The definitions of custom claims. Values that do not fit a new type, or whose definition was deleted, are
 * told to nobody; they stay with the people's records.
 */
export const customClaimList: ProviderList<CustomClaim> = {
  ...customClaimItems,
  name: "custom claim",
  taken: "there is such a custom claim",
  idMember: "claim",
  parse: (written) => customClaimOf(validEntry(customClaimEntrySchema, written)),
};

/** Checks a user's values against the definitions. @throws {InvalidEntry} */
export async function assertCustomClaims(
  tx: Transaction,
  change: CustomClaimsChange,
): Promise<void> {
  if (Object.keys(change.after).length === 0) return;
  const { provider } = await providers.read(tx, {});
  const problem = customClaimsProblem(provider.customClaims, change);
  if (problem === null) return;
  const inside = problem.claim === null ? [] : [problem.claim.slice(0, 128)];
  throw new InvalidEntry([{ path: ["custom_claims", ...inside], rule: problem.rule }]);
}
