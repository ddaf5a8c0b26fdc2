import { readTypedCode } from "../../identifiers/typed_code.ts";
import * as providers from "../../../stores/provider.ts";
import * as auditEvents from "../../../stores/audit_events.ts";
import { isFresh, type Present } from "../../../stores/engine/collection.ts";
import * as interactions from "../../../stores/interactions.ts";
import type { Transaction } from "../../../stores/engine/transaction.ts";
import * as users from "../../../stores/users.ts";
import type { User } from "../../../stores/users.ts";
import { readOwnInteraction } from "../../interactions/own_interaction.ts";
import type { Deps } from "../../deps/deps.ts";
import { codeKeys } from "../../limits/sign_in.ts";
import { deviceOf } from "../../sessions/device.ts";
import { tellOwnerOfFailures } from "../failures_notice.ts";
import { guess, type Guessed } from "../guess.ts";
import { notifyUser } from "../../mail/notify.ts";
import type { Language } from "../../language/languages.ts";
import { twoFactors } from "../../protocol/acr.ts";
import { amrWith } from "../../protocol/amr.ts";
import { type PendingSignIn, pendingSignIn, type SignInStep } from "../pending_sign_in.ts";
import { parseRecoveryCode, recoveryCodeDigest, withoutRecoveryCode } from "./recovery_codes.ts";
import {
  acceptFactor,
  attemptRefs,
  noteFailedSignIn,
  openAttempt,
  type SignInAttempt,
  type SignInOutcome,
} from "../sign_in_attempt.ts";
import { isTotpCode, stepOfTotpCode } from "./totp.ts";

export interface SecondFactorRequest extends SignInAttempt {
  /**
   * The user whose code is guessed. The guess is counted for this user and compared only with their
   * codes.
   */
  readonly user: Present<User>;
  /** As typed: a code of the authenticator app, or a recovery code. */
  readonly code: string;
  /** The language of the mail about a used recovery code. */
  readonly language: Language;
}

export type SecondFactorOutcome =
  | SignInOutcome
  /** The code is wrong, or was already used. */
  | { readonly kind: "refused" }
  /** No second factor is needed here, or no longer. */
  | { readonly kind: "not_asked" };

/** The user who must show a second factor, and the possible kinds. */
export interface AskedSecondFactor {
  readonly user: Present<User>;
  /** Whether a code of the authenticator app is possible; if not, only a recovery code. */
  readonly byApp: boolean;
  /** The factors already shown. @see RFC 8176 section 2 */
  readonly amr: readonly string[];
  /** Epoch seconds of the sign-in to which the second factor is added; null: this sign-in. */
  readonly authTime: number | null;
}

/**
 * The user whom a pending sign-in asks for a second factor; null: none.
 *
 * A user with an authenticator app who signs in by a password, or by a link or code by mail, needs a
 * second factor: a code of the app, or a recovery code if the app is lost. A passkey with user
 * verification needs neither. A user without an app but with recovery codes can use one if a request
 * needs two factors and their passkey is lost.
 */
export function askedSecondFactor({ step, live }: PendingSignIn): AskedSecondFactor | null {
  if (!asksForCode(step)) return null;
  if (step.kind === "second_factor" && step.firstFactor !== null) {
    return { user: step.user, byApp: true, amr: step.firstFactor.amr, authTime: null };
  }
  if (live === null) return null;
  const { amr, authTime } = live.session.value;
  return { user: step.user, byApp: step.kind === "second_factor", amr, authTime };
}

function asksForCode(step: SignInStep): step is Exclude<SignInStep, { kind: "sign_in" | "none" }> {
  return step.kind === "second_factor" || (step.kind === "passkey" && step.orRecoveryCode);
}

/**
 * Accepts the second factor. One commit uses up the code and creates or renews the session: of any
 * number of concurrent uses of one code, one signs in. A wrong code counts as a guess at this user's
 * codes, and among those of its address.
 *
 * Clients see a recovery code as `recovery_code` in `amr`, and not as `otp`, because it proves only
 * that somebody has the codes, not the device. Its `acr` is still that of two factors.
 *
 * @throws {OAuthError} if the interaction is another browser's, or no longer pending
 */
export async function signInWithSecondFactor(
  deps: Deps,
  request: SecondFactorRequest,
): Promise<Guessed<SecondFactorOutcome>> {
  const { origin, devices, user: { value: { username } } } = request;
  const guesser = { address: origin.address, device: deviceOf(devices, request.user) };
  const guessed = await guess(deps, await codeKeys(deps, username, guesser), {
    toldLimit: "second-factor",
    verify: () => verifySecondFactor(deps, request),
    isWrong: ({ kind }) => kind === "refused",
  });
  const { quotas } = guessed;
  await tellOwnerOfFailures(deps, { origin, at: "second-factor", username, quotas });
  return guessed;
}

async function verifySecondFactor(
  deps: Deps,
  request: SecondFactorRequest,
): Promise<SecondFactorOutcome> {
  const outcome = await deps.kv.step<SecondFactorOutcome>(request.origin, async (tx) => {
    const pending = await pendingSignIn(deps, tx, request);
    const asked = askedSecondFactor(pending);
    // Another tab may have changed the user who signs in: this guess was not counted at that user's
    // codes.
    if (asked === null || users.idOf(asked.user) !== users.idOf(request.user)) {
      return { kind: "not_asked" };
    }
    const attempt = openAttempt(request, await providers.read(tx, attemptRefs(request)));
    const { earlierSession } = await tx.read({ earlierSession: attempt.earlierRef });

    const { user, amr, authTime } = asked;
    const used = await useCode(deps, tx, asked, request.code);
    const clientId = interactions.clientIdOf(attempt.interaction.value);
    if (used === null) {
      const reason = isTotpCode(readTypedCode(request.code)) ? "otp" : "recovery_code";
      const refused = reason === "otp" ? "totp_code_wrong" : "recovery_code_wrong";
      await noteFailedSignIn(tx, attempt, { reason, refused, user });
      return { kind: "refused" };
    }
    users.replace(tx, user, used.changes);
    if (used.amr === "recovery_code") {
      auditEvents.append(tx, { type: "recovery_code_used", clientId, user });
      const { language } = request;
      await notifyUser(deps, tx, { user, reason: "recovery_code_used", language });
    }
    return await acceptFactor(deps, tx, attempt, {
      user,
      earlierSession,
      factor: { amr: amrWith(amr, [used.amr, "mfa"]), acr: twoFactors },
      ...(authTime === null ? {} : { authTime }),
    });
  });
  if (outcome.kind === "signed_in") deps.mailWakeUp.wake();
  return outcome;
}

/** Forgets the user of the first factor, so that another user can start. */
export async function restartSignIn(
  deps: Deps,
  request: Pick<SignInAttempt, "origin" | "interactionId" | "browserDigest">,
): Promise<void> {
  await deps.kv.step(request.origin, async (tx) => {
    const interaction = await readOwnInteraction(tx, request);
    if (!isFresh(interaction) || interaction.value.firstFactor === null) return;
    interactions.keepFirstFactor(tx, interaction, null);
  });
}

interface UsedCode {
  readonly amr: "otp" | "recovery_code";
  readonly changes: Pick<Partial<User>, "totp" | "recoveryCodes">;
}

/** The changes of the user's record by a code; null if the code is wrong or was already used. */
async function useCode(
  deps: Deps,
  tx: Transaction,
  { user, byApp }: AskedSecondFactor,
  typed: string,
): Promise<UsedCode | null> {
  const code = readTypedCode(typed);
  const userId = users.idOf(user);
  const { totp, recoveryCodes } = user.value;
  if (isTotpCode(code)) {
    if (!byApp || totp === null) return null;
    const secret = await deps.masterKey.unseal(totp.sealedSecret, users.totpContext(userId));
    const lastStep = await stepOfTotpCode(code, { secret, now: tx.now, after: totp.lastStep });
    return lastStep === null ? null : { amr: "otp", changes: { totp: { ...totp, lastStep } } };
  }
  const recoveryCode = parseRecoveryCode(code);
  if (recoveryCode === null || recoveryCodes === null) return null;
  const left = withoutRecoveryCode(user.value, await recoveryCodeDigest(userId, recoveryCode));
  if (left === null) return null;
  const changes = { recoveryCodes: { ...recoveryCodes, digests: [...left] } };
  return { amr: "recovery_code", changes };
}
