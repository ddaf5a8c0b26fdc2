import * as auditEvents from "../../stores/audit_events.ts";
import * as users from "../../stores/users.ts";
import type { User } from "../../stores/users.ts";
import { newRecoveryCodes, recoveryCodeDigest } from "../authn/second_factor/recovery_codes.ts";
import type { Deps } from "../deps/deps.ts";
import { notifyUser } from "../mail/notify.ts";
import type { Language } from "../language/languages.ts";
import type { AccountRequest } from "./account_step.ts";
import { sensitiveStep } from "./sensitive_step.ts";

/** Whether the user has a method that recovery codes can replace. */
export function hasUseForRecoveryCodes({ totp, passkeys }: User): boolean {
  return totp !== null || passkeys.length > 0;
}

/**
 * Creates recovery codes, which replace all earlier ones. They are shown only now: the server stores
 * only their digests.
 *
 * @returns null if the user has no method that they could replace
 * @throws {SignInNeeded}
 */
export async function makeRecoveryCodes(
  deps: Deps,
  request: AccountRequest,
  language: Language,
): Promise<{ readonly username: string; readonly codes: readonly string[] } | null> {
  const made = await sensitiveStep(deps, request, async (tx, { user, userId }) => {
    if (!hasUseForRecoveryCodes(user.value)) return null;
    const codes = newRecoveryCodes(tx.random);
    const digests = await Promise.all(codes.map((code) => recoveryCodeDigest(userId, code)));
    users.replace(tx, user, { recoveryCodes: { digests, createdAt: tx.now } });
    auditEvents.append(tx, { type: "recovery_codes_made", user });
    await notifyUser(deps, tx, { user, reason: "recovery_codes_made", language });
    return { username: user.value.username, codes };
  });
  deps.mailWakeUp.wake();
  return made;
}
