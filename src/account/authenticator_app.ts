import * as auditEvents from "../../stores/audit_events.ts";
import * as carriedOutForms from "../../stores/carried_out_forms.ts";
import { type Entry, type Fresh, isFresh, isPresent } from "../../stores/engine/collection.ts";
import * as totpEnrolments from "../../stores/totp_enrolments.ts";
import type { TotpEnrolment } from "../../stores/totp_enrolments.ts";
import * as users from "../../stores/users.ts";
import { meets, twoFactors } from "../protocol/acr.ts";
import { amrWith } from "../protocol/amr.ts";
import { type BrowserCookies, signIn } from "../sessions/sign_in.ts";
import { isTotpCode, newTotpSecret, stepOfTotpCode, totpUri } from "../authn/second_factor/totp.ts";
import { constantTimeEqual } from "../crypto/constant_time.ts";
import type { Deps } from "../deps/deps.ts";
import { readTypedCode } from "../identifiers/typed_code.ts";
import { notifyUser } from "../mail/notify.ts";
import { displayName } from "../sessions/live_session.ts";
import type { Language } from "../language/languages.ts";
import type { AccountHolder, AccountRequest } from "./account_step.ts";
import { sensitiveStep } from "./sensitive_step.ts";

/** A request about the user's authenticator app. */
export interface AppRequest extends AccountRequest {
  readonly browserDigest: string;
}

/** The user has an app, or can set one up with this key. */
export type AppState =
  | { readonly kind: "set"; readonly name: string; readonly createdAt: number }
  | {
    readonly kind: "enrolling";
    readonly name: string;
    /** In base32, for users who cannot scan the code. */
    readonly secret: string;
    /** The QR code: rows of dark (true) and light modules. */
    readonly modules: readonly (readonly boolean[])[];
  };

/**
 * The content of the page about the app. The key is created here and stored until an app is set up with
 * it within 10 minutes, in the same session and browser. A form cannot bring its own key.
 *
 * @throws {SignInNeeded}
 */
export async function readApp(deps: Deps, request: AppRequest): Promise<AppState> {
  const found = await sensitiveStep(deps, request, async (tx, holder) => {
    const { user, id } = holder;
    const name = displayName(holder);
    const { username, totp } = user.value;
    if (totp !== null) return { kind: "set" as const, name, createdAt: totp.createdAt };
    const { enrolment } = await tx.read({ enrolment: totpEnrolments.ref(id) });
    const open = openEnrolment(enrolment, holder, request);
    if (open !== null) {
      return { kind: "open" as const, name, username, secret: await unseal(deps, open, id) };
    }
    const secret = await newTotpSecret(tx.random);
    totpEnrolments.begin(tx, enrolment, {
      ...bindings(holder, request),
      sealedSecret: await deps.masterKey.seal(secret, totpEnrolments.enrolmentContext(id)),
    });
    return { kind: "open" as const, name, username, secret };
  });
  if (found.kind === "set") return found;
  const { name, username, secret } = found;
  const issuer = deps.brand.name ?? new URL(deps.config.issuer).host;
  const { encode } = await import("uqr");
  const { data } = encode(await totpUri({ secret, issuer, username }), { border: 0 });
  return { kind: "enrolling", name, secret, modules: data };
}

export type AppSetUp =
  | {
    readonly kind: "set_up";
    readonly cookies: BrowserCookies;
    readonly hasRecoveryCodes: boolean;
  }
  | { readonly kind: "wrong_code" }
  /** Another app was set up first, or it took longer than 10 minutes. */
  | { readonly kind: "too_late" };

/**
 * Sets up the app that shows this code. From this commit on the user's other sign-in methods also need
 * a code of the app. The session in which this happens has shown such a code, and so gets a second
 * factor.
 *
 * @throws {SignInNeeded}
 */
export async function setUpApp(
  deps: Deps,
  request: AppRequest,
  { code, language, userAgent }: {
    readonly code: string;
    readonly language: Language;
    readonly userAgent: string | null;
  },
): Promise<AppSetUp> {
  const outcome = await sensitiveStep<AppSetUp>(deps, request, async (tx, holder) => {
    const { user, userId, session, provider, id } = holder;
    const { enrolment } = await tx.read({ enrolment: totpEnrolments.ref(id) });
    const open = openEnrolment(enrolment, holder, request);
    if (open === null || user.value.totp !== null) return { kind: "too_late" };
    const secret = await unseal(deps, open, id);
    const digits = readTypedCode(code);
    const lastStep = isTotpCode(digits)
      ? await stepOfTotpCode(digits, { secret, now: tx.now, after: 0 })
      : null;
    if (lastStep === null) return { kind: "wrong_code" };

    totpEnrolments.consume(tx, open, userId);
    carriedOutForms.add(tx, user.value.recoveryCodes === null ? "no_recovery_codes" : null);
    const sealedSecret = await deps.masterKey.seal(secret, users.totpContext(userId));
    users.replace(tx, user, { totp: { sealedSecret, lastStep, createdAt: tx.now } });
    auditEvents.append(tx, { type: "totp_added", user });
    await notifyUser(deps, tx, { user, reason: "authenticator_app_on", language });
    const { acr, amr, authTime } = session.value;
    const { cookies } = await signIn(deps, tx, {
      user,
      provider,
      amr: amrWith(amr, ["otp", "mfa"]),
      acr: meets(acr, twoFactors) ? acr : twoFactors,
      authTime,
      userAgent,
      previousSession: session,
    });
    return { kind: "set_up", cookies, hasRecoveryCodes: user.value.recoveryCodes !== null };
  });
  if (outcome.kind === "set_up") deps.mailWakeUp.wake();
  return outcome;
}

/**
 * Removes the app. This requires a recent sign-in with two factors or a passkey: a user who has lost
 * the app signs in with a recovery code.
 *
 * @throws {SignInNeeded}
 */
export async function removeApp(
  deps: Deps,
  request: AccountRequest,
  language: Language,
): Promise<void> {
  await sensitiveStep(deps, request, async (tx, { user }) => {
    if (user.value.totp === null) return;
    users.replace(tx, user, { totp: null });
    auditEvents.append(tx, { type: "totp_removed", user });
    await notifyUser(deps, tx, { user, reason: "authenticator_app_off", language });
  });
  deps.mailWakeUp.wake();
}

/** The user and the epochs of an enrolment, beside its session. If they change, it ends. */
function bindings({ userId, user }: AccountHolder, { browserDigest }: AppRequest) {
  return { userId, browserDigest, epoch: user.value.epoch };
}

function openEnrolment(
  entry: Entry<TotpEnrolment>,
  holder: AccountHolder,
  request: AppRequest,
): Fresh<TotpEnrolment> | null {
  if (!isPresent(entry) || !isFresh(entry)) return null;
  const { browserDigest, userId, epoch } = bindings(holder, request);
  const { value } = entry;
  const belongs = constantTimeEqual(value.browserDigest, browserDigest) &&
    value.userId === userId && value.epoch === epoch;
  return belongs ? entry : null;
}

function unseal(deps: Deps, { value }: Fresh<TotpEnrolment>, sessionId: string): Promise<string> {
  return deps.masterKey.unseal(value.sealedSecret, totpEnrolments.enrolmentContext(sessionId));
}
