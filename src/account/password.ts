import * as auditEvents from "../../stores/audit_events.ts";
import * as carriedOutForms from "../../stores/carried_out_forms.ts";
import type { Deps } from "../deps/deps.ts";
import { hashOnce, verifyOnce } from "../authn/passwords/verify_once.ts";
import { isLastWayIn } from "../authn/last_sign_in_method.ts";
import { passwordKeys } from "../limits/sign_in.ts";
import { tellOwnerOfFailures } from "../authn/failures_notice.ts";
import { guess } from "../authn/guess.ts";
import { deviceOf } from "../sessions/device.ts";
import type { Reservation } from "../limits/reservation.ts";
import { noteRefusal } from "../protocol/refusals.ts";
import { notifyUser } from "../mail/notify.ts";
import type { Language } from "../language/languages.ts";
import type { AccountRequest } from "./account_step.ts";
import type { BrowserCookies } from "../sessions/sign_in.ts";
import { changeAndEndAllElse } from "./own_session.ts";
import { sensitiveStep } from "./sensitive_step.ts";

export type PasswordChange =
  | { readonly kind: "changed"; readonly cookies: BrowserCookies }
  | { readonly kind: "wrong_current" }
  /** This very form has changed it a moment ago: it is refused, but it is no guess. */
  | { readonly kind: "repeated" }
  | { readonly kind: "too_many_attempts"; readonly told: Reservation | null };

/**
 * Changes the user's password, or sets the first one. A user who has a password must enter it, which
 * counts as a guess like at the sign-in page.
 *
 * Somebody who knew the old password may have used it, so everything of the user ends, grants too. The
 * session in which this happens continues with a new secret.
 *
 * @param password checked by `newPasswordProblem`
 * @throws {SignInNeeded}
 */
export async function changePassword(
  deps: Deps,
  request: AccountRequest,
  { current, password, language }: {
    readonly current: string;
    readonly password: string;
    readonly language: Language;
  },
): Promise<PasswordChange> {
  const { user } = await sensitiveStep(deps, request, (_, holder) => holder);
  const change = { current, password, language, hasPassword: user.value.passwordHash !== null };
  // There is no password to guess.
  if (!change.hasPassword) return await replacePassword(deps, request, change);
  const { origin, devices } = request;
  const { username } = user.value;
  const guesser = { address: origin.address, device: deviceOf(devices, user) };
  const { outcome, told, quotas } = await guess(
    deps,
    await passwordKeys(deps, username, guesser),
    {
      toldLimit: "sign-in",
      verify: () => replacePassword(deps, request, change),
      isWrong: ({ kind }) => kind === "wrong_current",
    },
  );
  await tellOwnerOfFailures(deps, { origin, at: "sign-in", username, quotas });
  return outcome.kind === "too_many_attempts" ? { ...outcome, told } : outcome;
}

async function replacePassword(
  deps: Deps,
  request: AccountRequest,
  { current, password, language, hasPassword }: {
    readonly current: string;
    readonly password: string;
    readonly language: Language;
    readonly hasPassword: boolean;
  },
): Promise<Exclude<PasswordChange, { kind: "too_many_attempts" }>> {
  const isCurrent = verifyOnce(deps, current, true);
  const newHash = hashOnce(deps, password);
  type Outcome = Exclude<PasswordChange, { kind: "too_many_attempts" }>;
  const outcome = await sensitiveStep<Outcome>(deps, request, async (tx, holder) => {
    const { user } = holder;
    const { passwordHash } = user.value;
    // A password that was set after the guess was counted must not be verified without counting.
    if (passwordHash !== null && !(hasPassword && await isCurrent(passwordHash))) {
      // The second press of a double click is no guess.
      if (await carriedOutForms.read(tx) !== null) return { kind: "repeated" };
      auditEvents.append(tx, {
        type: "sign_in_failed",
        outcome: "failure",
        reason: "pwd",
        actor: "anonymous",
        user,
      });
      noteRefusal("password_wrong");
      return { kind: "wrong_current" };
    }
    const cookies = await changeAndEndAllElse(tx, holder, { passwordHash: await newHash() });
    carriedOutForms.add(tx);
    auditEvents.append(tx, { type: "password_changed", user });
    await notifyUser(deps, tx, { user, reason: "password_set", language });
    return { kind: "changed", cookies };
  });
  if (outcome.kind === "changed") deps.mailWakeUp.wake();
  return outcome;
}

/**
 * Removes the password, and ends everything that was opened with it. A passkey must be left: the last
 * sign-in method cannot be removed.
 *
 * @returns the marks for the browser; null if there is no password, or no other sign-in method
 * @throws {SignInNeeded}
 */
export async function removePassword(
  deps: Deps,
  request: AccountRequest,
  language: Language,
): Promise<BrowserCookies | null> {
  const cookies = await sensitiveStep(deps, request, async (tx, holder) => {
    const { user } = holder;
    if (user.value.passwordHash === null || isLastWayIn(user.value, "password")) return null;
    const cookies = await changeAndEndAllElse(tx, holder, { passwordHash: null });
    carriedOutForms.add(tx);
    auditEvents.append(tx, { type: "password_removed", user });
    await notifyUser(deps, tx, { user, reason: "password_removed", language });
    return cookies;
  });
  if (cookies !== null) deps.mailWakeUp.wake();
  return cookies;
}
