import * as auditEvents from "../../stores/audit_events.ts";
import type { Deps } from "../deps/deps.ts";
import { hashOnce, verifyOnce } from "../authn/passwords/verify_once.ts";
import { isLastWayIn } from "../authn/ways_in.ts";
import { reserveSignIn } from "../limits/sign_in.ts";
import type { Reservation } from "../limits/reserve.ts";
import { notifyPerson } from "../mail/notify.ts";
import type { Language } from "../language/languages.ts";
import type { AccountRequest } from "./account_step.ts";
import { changeAndEndAllElse } from "./own_session.ts";
import { sensitiveStep } from "./sensitive_step.ts";

export type PasswordChange =
  /** @property cookie the session cookie's new value */
  | { readonly kind: "changed"; readonly cookie: string }
  | { readonly kind: "wrong_current" }
  | { readonly kind: "too_many_attempts"; readonly reservation: Reservation };

/**
 * Changes the person's password, or gives them their first one. Who has one proves that they know it,
 * which counts as a guess like one at the sign-in page.
 *
 * Whoever knew the old one may have used it, so all that the person has ends with it, grants too; the
 * session in which it happens goes on, under another secret.
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
  const { username, hasPassword } = await sensitiveStep(deps, request, (_, { user }) => ({
    username: user.value.username,
    hasPassword: user.value.passwordHash !== null,
  }));
  if (hasPassword) {
    const reservation = await reserveSignIn(deps, request.origin, username);
    if (!reservation.passed) return { kind: "too_many_attempts", reservation };
  }
  const isCurrent = verifyOnce(deps, current);
  const newHash = hashOnce(deps, password);
  const outcome = await sensitiveStep<PasswordChange>(deps, request, async (tx, holder) => {
    const { user } = holder;
    const { passwordHash } = user.value;
    // One that came since the guess was reserved is one that nobody may guess at.
    if (passwordHash !== null && !(hasPassword && await isCurrent(passwordHash))) {
      auditEvents.append(tx, {
        type: "sign_in_failed",
        outcome: "failure",
        reason: "pwd",
        actor: "anonymous",
        person: user,
      });
      return { kind: "wrong_current" };
    }
    const cookie = await changeAndEndAllElse(tx, holder, { passwordHash: await newHash() });
    auditEvents.append(tx, { type: "password_changed", person: user });
    await notifyPerson(deps, tx, { user, reason: "password_set", language });
    return { kind: "changed", cookie };
  });
  if (outcome.kind === "changed") deps.mailBell.ring();
  return outcome;
}

/**
 * Removes the password, and all that was ever opened by it. A passkey must stay: the last way to sign
 * in can't be removed.
 *
 * @returns the session cookie's new value; null if there is no password, or nothing else to sign in with
 * @throws {SignInNeeded}
 */
export async function removePassword(
  deps: Deps,
  request: AccountRequest,
  language: Language,
): Promise<string | null> {
  const cookie = await sensitiveStep(deps, request, async (tx, holder) => {
    const { user } = holder;
    if (user.value.passwordHash === null || isLastWayIn(user.value, "password")) return null;
    const cookie = await changeAndEndAllElse(tx, holder, { passwordHash: null });
    auditEvents.append(tx, { type: "password_removed", person: user });
    await notifyPerson(deps, tx, { user, reason: "password_removed", language });
    return cookie;
  });
  if (cookie !== null) deps.mailBell.ring();
  return cookie;
}
