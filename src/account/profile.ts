import * as auditEvents from "../../stores/audit_events.ts";
import type { Present } from "../../stores/engine/collection.ts";
import * as users from "../../stores/users.ts";
import type { User } from "../../stores/users.ts";
import { canonicalJson } from "../crypto/canonical_json.ts";
import { digest } from "../crypto/digest.ts";
import type { Deps } from "../deps/deps.ts";
import { type AccountHolder, type AccountRequest, accountStep } from "./account_step.ts";
import { claimsWith, differing, isGoodValue, profileOf } from "../claims/profile_form.ts";
import type { ProfileField, ProfileForm } from "../claims/profile_form.ts";

/** A profile as a page shows it. */
export interface ShownProfile {
  readonly holder: AccountHolder;
  readonly form: ProfileForm;
  /** Names what the form was filled with, so that a page that is older overwrites nothing. */
  readonly version: string;
}

export type ProfileChange =
  | { readonly kind: "saved" }
  | {
    readonly kind: "invalid";
    readonly now: ShownProfile;
    readonly wrong: readonly ProfileField[];
  }
  /** It was changed elsewhere since the form was filled. @property now what it is */
  | { readonly kind: "conflict"; readonly now: ShownProfile };

/** @throws {SignInNeeded} */
export async function readProfile(deps: Deps, request: AccountRequest): Promise<ShownProfile> {
  return await accountStep(deps, request, { recent: false }, (_, holder) => shownTo(holder));
}

/**
 * Saves a profile, if it still is what the form was filled with.
 *
 * @param entered what the person typed; what is empty is taken out of the profile
 * @param version of the profile that the form showed
 * @throws {SignInNeeded}
 */
export async function changeProfile(
  deps: Deps,
  request: AccountRequest,
  { entered, version }: { readonly entered: ProfileForm; readonly version: string },
): Promise<ProfileChange> {
  return await accountStep(deps, request, { recent: false }, async (tx, holder) => {
    const now = await shownTo(holder);
    const changed = differing(entered, now.form);
    // What an operator has set stays, even where a person could not enter it.
    const wrong = changed.filter((field) => !isGoodValue(field, entered[field]));
    if (wrong.length > 0) return { kind: "invalid", now, wrong };
    // Whoever has entered the same twice, by a double click, has nothing to decide.
    if (changed.length === 0) return { kind: "saved" };
    if (version !== now.version) return { kind: "conflict", now };
    const claims = claimsWith(holder.user.value.claims, changed, entered);
    users.replace(tx, holder.user, { claims });
    auditEvents.append(tx, {
      type: "profile_updated",
      person: holder.user,
      sessionId: holder.id,
      reason: changed.join(" "), // which fields; what they hold is nobody's business
    });
    return { kind: "saved" };
  });
}

async function shownTo(holder: AccountHolder): Promise<ShownProfile> {
  const form = profileOf(holder.user.value.claims);
  return { holder, form, version: await versionOf(holder.user) };
}

// Of the profile alone: a record changes with each sign-in by an app's code, and that is no conflict.
async function versionOf(user: Present<User>): Promise<string> {
  return await digest(canonicalJson(profileOf(user.value.claims)));
}
