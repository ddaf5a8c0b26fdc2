import * as auditEvents from "../../stores/audit_events.ts";
import type { CustomClaim } from "../../stores/custom_claims.ts";
import * as users from "../../stores/users.ts";
import { customClaimsProblem, isValueOf } from "../claims/custom_claims.ts";
import { canonicalJson } from "../crypto/canonical_json.ts";
import type { Deps } from "../deps/deps.ts";
import { type AccountHolder, type AccountRequest, accountStep } from "./account_step.ts";

/** A custom claim that users change themselves, as a form shows it. */
export interface OwnClaim {
  readonly claim: string;
  readonly label: string;
  readonly type: CustomClaim["type"];
  /** The text of the field: a list with commas, `true` for yes, empty for no value. */
  readonly value: string;
}

/** The claims that the user may change, with their values. */
export function ownClaimsOf({ provider, user }: AccountHolder): OwnClaim[] {
  const values = user.value.customClaims;
  return provider.customClaims.filter(({ changedBy }) => changedBy === "user").map((definition) => {
    const { claim, label, type } = definition;
    const value = Object.hasOwn(values, claim) ? values[claim] : undefined;
    const text = Array.isArray(value) ? value.join(", ") : String(value ?? "");
    return { claim, label, type, value: isValueOf(definition, value) ? text : "" };
  });
}

/** Those whose typed text cannot be a value. */
export function wrongOwnClaims(claims: readonly OwnClaim[]): string[] {
  return claims.filter(({ type, value }) => {
    const typed = typedValue(type, value);
    return typed !== undefined && !isValueOf({ type }, typed);
  }).map(({ claim }) => claim);
}

/**
 * Saves the typed values. Claims that only an administrator may change are ignored.
 *
 * @param typed the text of a claim's field
 * @returns false if a text cannot be a value, or all are too long together: nothing is saved
 * @throws {SignInNeeded}
 */
export async function changeOwnClaims(
  deps: Deps,
  request: AccountRequest,
  typed: (claim: string) => string,
): Promise<boolean> {
  return await accountStep(deps, request, { recent: false }, (tx, holder) => {
    const { user, provider } = holder;
    const shown = ownClaimsOf(holder).map((one) => ({ ...one, value: typed(one.claim).trim() }));
    const before = user.value.customClaims;
    const after = new Map(Object.entries(before));
    for (const { claim, type, value } of shown) {
      // A box that was never ticked is no answer.
      const isUntouched = type === "boolean" && value === "" && !Object.hasOwn(before, claim);
      const next = isUntouched ? undefined : typedValue(type, value);
      if (next === undefined) after.delete(claim);
      else after.set(claim, next);
    }
    const customClaims = Object.fromEntries(after);
    if (customClaimsProblem(provider.customClaims, { before, after: customClaims }) !== null) {
      return false;
    }
    if (canonicalJson(customClaims) === canonicalJson(before)) return true;
    users.replace(tx, user, { customClaims });
    auditEvents.append(tx, {
      type: "profile_updated",
      user,
      sessionId: holder.id,
      reason: "custom_claims", // an operator's names may say more than a log should
    });
    return true;
  });
}

/** Undefined: there is no value. */
function typedValue(type: CustomClaim["type"], text: string): unknown {
  switch (type) {
    case "boolean":
      return text === "true";
    case "number":
      return text === "" ? undefined : Number(text);
    case "strings": {
      const parts = text.split(",").map((part) => part.trim()).filter((part) => part !== "");
      return parts.length === 0 ? undefined : parts;
    }
    case "string":
      return text === "" ? undefined : text;
  }
}
