import * as providers from "../../../stores/provider.ts";
import * as auditEvents from "../../../stores/audit_events.ts";
import * as carriedOutForms from "../../../stores/carried_out_forms.ts";
import * as challenges from "../../../stores/challenges.ts";
import type { Challenge } from "../../../stores/challenges.ts";
import {
  type Entry,
  type Fresh,
  isPresent,
  type Present,
} from "../../../stores/engine/collection.ts";
import * as interactions from "../../../stores/interactions.ts";
import * as passkeys from "../../../stores/passkeys.ts";
import type { Passkey } from "../../../stores/passkeys.ts";
import type { Transaction } from "../../../stores/engine/transaction.ts";
import * as users from "../../../stores/users.ts";
import type { User } from "../../../stores/users.ts";
import { randomId } from "../../crypto/random.ts";
import type { Deps } from "../../deps/deps.ts";
import { OAuthError } from "../../protocol/errors.ts";
import { noteRefusal } from "../../protocol/refusals.ts";
import { notifyUser } from "../../mail/notify.ts";
import type { Language } from "../../language/languages.ts";
import { phishingResistant, singleFactor } from "../../protocol/acr.ts";
import { openChallenge } from "../challenges.ts";
import {
  acceptFactor,
  attemptRefs,
  type Factor,
  noteFailedSignIn,
  type OpenAttempt,
  openAttempt,
  type SignInAttempt,
  type SignInOutcome,
} from "../sign_in_attempt.ts";
import { type AssertionJson, parseAssertion } from "./credential_json.ts";
import { relyingParty } from "./relying_party.ts";
import { challengeType, type PasskeyWanted } from "./sign_in_options.ts";
import { noteSignals } from "./signals.ts";
import { type VerifiedAssertion, verifyAssertion } from "./verify.ts";

export interface PasskeySignInRequest extends SignInAttempt {
  /** In JSON, as the browser's script posts it. */
  readonly credential: string;
  readonly wants: PasskeyWanted;
  /** The language of a mail, if one is sent. */
  readonly language: Language;
}

/** The reason of a refusal. None of them reveals whose passkey it is, or whether it exists. */
export type PasskeyRefused = {
  readonly kind: "passkey_refused" | "passkey_expired" | "passkey_unverified";
};

/**
 * Signs a user in with a passkey, for a pending request. One commit spends the challenge, compares and
 * stores the counter, and creates the session: of two answers with one challenge or one counter, one
 * succeeds. An answer that does not verify spends nothing.
 *
 * @throws {OAuthError} `invalid_request` if the interaction is another browser's, or finished by
 *   another user; `access_denied` if a single-device passkey seems to have a copy, which is stored
 * @see Web Authentication Level 3 section 7.2
 */
export async function signInWithPasskey(
  deps: Deps,
  request: PasskeySignInRequest,
): Promise<SignInOutcome | PasskeyRefused> {
  const answer = parseAssertion(request.credential);
  if (answer === null) {
    noteRefusal("passkey_refused");
    return { kind: "passkey_refused" };
  }
  const at = {
    challenge: await challenges.ref(challengeType, answer.challenge),
    passkey: passkeys.ref(await passkeys.idOfCredential(answer.json.id)),
  };
  let rings = false;
  const outcome = await deps.kv.step<Outcome>(request.origin, async (tx) => {
    const { challenge, passkey, ...first } = await providers.read(tx, {
      ...attemptRefs(request),
      ...at,
    });
    const attempt = openAttempt(request, first);
    const { user, earlierSession } = await tx.read({
      user: users.ref(passkey.value?.userId ?? "nobody"),
      earlierSession: attempt.earlierRef,
    });
    const { browserDigest, interactionId } = request;
    const { provider } = attempt;
    const presented = { provider, browserDigest, interactionId, user };
    const open = openChallenge(challengeType, challenge, presented);
    if (open === null) {
      noteRefusal("passkey_expired");
      return { kind: "passkey_expired" };
    }
    const verified = isPresent(passkey)
      ? await verifyAssertion(relyingParty(deps), answer, passkey.value)
      : null;
    if (!isPresent(passkey) || verified === null || !isOwner(user, passkey, answer.json, open)) {
      return fail(tx, attempt, user, "passkey_refused");
    }
    const signals = {
      counterLags: !counterGrows(passkey, verified, challenge),
      becameSyncable: verified.deviceType !== passkey.value.deviceType,
    };
    const { language } = request;
    if (signals.counterLags && verified.deviceType === "singleDevice") {
      return await refuseCopy(deps, tx, attempt, { challenge: open, passkey, user, language });
    }
    if (request.wants.verification === "required" && !verified.userVerified) {
      return fail(tx, attempt, user, "passkey_unverified");
    }
    challenges.consume(tx, open, randomId(tx.random));
    carriedOutForms.add(tx);
    const { counterLags } = signals;
    passkeys.use(tx, passkey, { ...verified, counterLags });
    const clientId = interactions.clientIdOf(attempt.interaction.value);
    rings = await noteSignals(deps, tx, signals, { passkey, user, clientId, language });
    // An attacker may have a copy: if the user has another factor, the passkey alone is not enough.
    const userVerified = verified.userVerified && !(counterLags && user.value.totp !== null);
    const factor = factorOf({ ...verified, userVerified });
    return await acceptFactor(deps, tx, attempt, { user, earlierSession, factor });
  });
  if (rings) deps.mailWakeUp.wake();
  if (outcome.kind !== "passkey_copied") return outcome;
  deps.mailWakeUp.wake();
  throw new OAuthError("access_denied", "the counter of the passkey did not grow", {
    status: 403,
    situation: "passkey_copied",
  });
}

type Outcome = SignInOutcome | PasskeyRefused | { readonly kind: "passkey_copied" };

/**
 * Whether the passkey is this user's, according to both records and to the user handle. The
 * authenticator may leave out the user handle if the options named the credential.
 *
 * @see Web Authentication Level 3 section 7.2 step 6
 */
function isOwner(
  user: Entry<User>,
  passkey: Present<Passkey>,
  { response: { userHandle } }: AssertionJson,
  challenge: Fresh<Challenge>,
): user is Present<User> {
  if (!isPresent(user) || user.value.status !== "active") return false;
  if (!user.value.passkeys.includes(passkeys.idOf(passkey))) return false;
  // An id is the base64url of its bytes, and the handle is these bytes.
  if (userHandle) return userHandle === users.idOf(user);
  return challenge.value.userId !== null;
}

/** @see Web Authentication Level 3 section 6.1.1 (signature counter) */
function counterGrows(
  { value: { counter: before } }: Present<Passkey>,
  { counter }: VerifiedAssertion,
  challenge: Entry<Challenge>,
): boolean {
  if (counter === 0 && before === 0) return true; // this authenticator has no counter
  // The answer to this challenge was lost, so this is a retry with the same counter.
  return counter > before || (counter === before && challenge.value?.undelivered === true);
}

/** @see RFC 8176 section 2 */
function factorOf(
  { deviceType, userVerified }: Pick<VerifiedAssertion, "deviceType" | "userVerified">,
): Factor {
  const key = deviceType === "singleDevice" ? "hwk" : "swk";
  return userVerified
    ? { amr: [key, "user", "mfa"], acr: phishingResistant }
    : { amr: [key, "user"], acr: singleFactor };
}

async function fail(
  tx: Transaction,
  attempt: OpenAttempt,
  user: Entry<User>,
  kind: PasskeyRefused["kind"],
): Promise<PasskeyRefused> {
  await noteFailedSignIn(tx, attempt, { reason: "passkey", refused: kind, user });
  return { kind };
}

/** Either this passkey or the one that signed before is a copy, and it is impossible to know which. */
async function refuseCopy(
  deps: Deps,
  tx: Transaction,
  { interaction }: OpenAttempt,
  { challenge, passkey, user, language }: {
    readonly challenge: Fresh<Challenge>;
    readonly passkey: Present<Passkey>;
    readonly user: Present<User>;
    readonly language: Language;
  },
): Promise<Outcome> {
  const { name, copySuspectedAt } = passkey.value;
  challenges.refuse(tx, challenge, randomId(tx.random));
  passkeys.suspectCopy(tx, passkey);
  auditEvents.append(tx, {
    type: "passkey_copied",
    outcome: "failure",
    actor: "anonymous",
    clientId: interactions.clientIdOf(interaction.value),
    user,
    about: passkeys.idOf(passkey),
  });
  if (copySuspectedAt === null) {
    await notifyUser(deps, tx, { user, reason: "passkey_copied", about: name, language });
  }
  return { kind: "passkey_copied" };
}
