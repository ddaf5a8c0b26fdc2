import * as auditEvents from "../../stores/audit_events.ts";
import type { CustomClaim, CustomClaimValues } from "../../stores/custom_claims.ts";
import type { Present } from "../../stores/engine/collection.ts";
import type { Transaction } from "../../stores/engine/transaction.ts";
import * as providers from "../../stores/provider.ts";
import type { Provider } from "../../stores/provider.ts";
import {
  customClaimEntrySchema,
  customClaimOf,
  customClaimsProblem,
  mostCustomClaims,
} from "../claims/custom_claims.ts";
import { invalidMember, type JsonObject, validEntry } from "../protocol/json_entry.ts";
import { Conflict, NotFound } from "./errors.ts";

/** @throws {NotFound} */
export function customClaimIn({ value }: Present<Provider>, claim: string): CustomClaim {
  const found = value.customClaims.find((one) => one.claim === claim);
  if (found === undefined) throw new NotFound("custom claim");
  return found;
}

/** @returns the new definition @throws {InvalidEntry} @throws {Conflict} */
export function createCustomClaim(
  tx: Transaction,
  provider: Present<Provider>,
  written: JsonObject,
): CustomClaim {
  const claim = customClaimOf(validEntry(customClaimEntrySchema, written));
  const { customClaims } = provider.value;
  if (customClaims.some((one) => one.claim === claim.claim)) {
    throw new Conflict("there is such a custom claim");
  }
  if (customClaims.length >= mostCustomClaims) {
    throw new Conflict(`there are ${mostCustomClaims} custom claims already`);
  }
  providers.setCustomClaims(tx, provider, [...customClaims, claim]);
  auditEvents.append(tx, { type: "custom_claim_created", about: claim.claim });
  return claim;
}

/**
 * Changes a definition. Values that do not fit a new type are told to nobody.
 *
 * @returns the definition as it will be
 * @throws {InvalidEntry}
 * @throws {NotFound}
 */
export function updateCustomClaim(
  tx: Transaction,
  provider: Present<Provider>,
  name: string,
  written: JsonObject,
): CustomClaim {
  customClaimIn(provider, name);
  const claim = customClaimOf(validEntry(customClaimEntrySchema, { claim: name, ...written }));
  if (claim.claim !== name) throw invalidMember("claim", "cannot change");
  const others = provider.value.customClaims;
  providers.setCustomClaims(tx, provider, others.map((one) => one.claim === name ? claim : one));
  auditEvents.append(tx, { type: "custom_claim_updated", about: name });
  return claim;
}

/** Deletes a definition. From now on nobody is told the values; they stay with the people's records. */
export function deleteCustomClaim(tx: Transaction, provider: Present<Provider>, name: string) {
  const { claim } = customClaimIn(provider, name);
  const others = provider.value.customClaims.filter((one) => one.claim !== claim);
  providers.setCustomClaims(tx, provider, others);
  auditEvents.append(tx, { type: "custom_claim_deleted", about: claim });
}

/** Checks a person's values against the definitions. @throws {InvalidEntry} */
export async function assertCustomClaims(
  tx: Transaction,
  before: CustomClaimValues,
  after: CustomClaimValues,
): Promise<void> {
  if (Object.keys(after).length === 0) return;
  const { provider } = await providers.read(tx, {});
  const problem = customClaimsProblem(provider.customClaims, before, after);
  if (problem === null) return;
  throw invalidMember(
    problem.claim === null ? "custom_claims" : `custom_claims.${problem.claim.slice(0, 128)}`,
    problem.rule,
  );
}
