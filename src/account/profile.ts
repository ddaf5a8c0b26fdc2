import * as auditEvents from "../../stores/audit_events.ts";
import type { Present } from "../../stores/engine/collection.ts";
import * as users from "../../stores/users.ts";
import type { User } from "../../stores/users.ts";
import { canonicalJson } from "../crypto/canonical_json.ts";
import { digest } from "../crypto/digest.ts";
import type { Deps } from "../deps/deps.ts";
import { type AccountHolder, type AccountRequest, accountStep } from "./account_step.ts";
import {
  claimsWith,
  differing,
  isGoodValue,
  type ProfileField,
  type ProfileForm,
  profileOf,
} from "../claims/profile_form.ts";

/** A profile for a page. */
export interface ShownProfile {
  readonly holder: AccountHolder;
  readonly form: ProfileForm;
  /** Identifies the values that filled the form, so that an older page overwrites nothing. */
  readonly version: string;
}

export type ProfileChange =
  | { readonly kind: "saved" }
  | {
    readonly kind: "invalid";
    readonly now: ShownProfile;
    readonly wrong: readonly ProfileField[];
  }
  /** It was changed in another place since the form was filled. @property now the current profile */
  | { readonly kind: "conflict"; readonly now: ShownProfile };

/** @throws {SignInNeeded} */
export async function readProfile(deps: Deps, request: AccountRequest): Promise<ShownProfile> {
  return await accountStep(deps, request, { recent: false }, (_, holder) => shownTo(holder));
}

/**
 * Saves a profile if it has not changed since the form was filled.
 *
 * @param entered the typed values; an empty value removes the member
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
    // A value that an operator has set stays, even if a user could not enter it.
    const wrong = changed.filter((field) => !isGoodValue(field, entered[field]));
    if (wrong.length > 0) return { kind: "invalid", now, wrong };
    // A double click sends the same values twice, which is not a conflict.
    if (changed.length === 0) return { kind: "saved" };
    if (version !== now.version) return { kind: "conflict", now };
    const claims = claimsWith(holder.user.value.claims, changed, entered);
    users.replace(tx, holder.user, { claims });
    auditEvents.append(tx, {
      type: "profile_updated",
      user: holder.user,
      sessionId: holder.id,
      reason: changed.join(" "), // only the names of the fields, not their values
    });
    return { kind: "saved" };
  });
}

async function shownTo(holder: AccountHolder): Promise<ShownProfile> {
  const form = profileOf(holder.user.value.claims);
  return { holder, form, version: await versionOf(holder.user) };
}

// Only of the profile: the record also changes at each sign-in with an app's code, which is not a
// conflict.
async function versionOf(user: Present<User>): Promise<string> {
  return await digest(canonicalJson(profileOf(user.value.claims)));
}
