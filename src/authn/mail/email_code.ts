import * as challenges from "../../../stores/challenges.ts";
import { isPresent } from "../../../stores/engine/collection.ts";
import * as interactions from "../../../stores/interactions.ts";
import * as providers from "../../../stores/provider.ts";
import { systemOrigin } from "../../../stores/engine/transaction.ts";
import { emailRef } from "../../../stores/user_names.ts";
import * as users from "../../../stores/users.ts";
import { asFresh } from "../../../stores/redeemable.ts";
import { randomId } from "../../crypto/random.ts";
import type { Deps } from "../../deps/deps.ts";
import { mailCodeKeys } from "../../limits/sign_in.ts";
import { deviceOf } from "../../sessions/device.ts";
import { guess, type TooManyAttempts } from "../guess.ts";
import { isCodeOf, openChallenge, ownChallenge, reserveTry } from "../challenges.ts";
import { currentAddress, isUnderWay, type Repeated, spendMailChallenge } from "./factor.ts";
import type { Refused } from "../passwords/sign_in.ts";
import {
  attemptRefs,
  noteFailedSignIn,
  openAttempt,
  type SignInAttempt,
  type SignInOutcome,
} from "../sign_in_attempt.ts";

const type = "email_code";

export interface EmailCodeRequest extends SignInAttempt {
  /** The handle of the request for the code. */
  readonly handle: string;
  readonly code: string;
}

/**
 * Signs in by a code from a mail, in the browser that requested it. A try is used up before the code is
 * compared. Then one commit spends the code, marks the address as verified, and creates the session.
 *
 * No limit counts the wrong codes of one account: with five tries for each of a few mails, nobody
 * guesses one of 2.56 x 10^10 codes, and strangers could use up such a limit to lock out the owner.
 * Wrong codes count among those of their address, or, from a browser that has signed in to the account
 * before, among its own guesses.
 *
 * @throws {OAuthError} if the interaction is another browser's, or finished
 */
export async function signInWithEmailCode(
  deps: Deps,
  request: EmailCodeRequest,
): Promise<SignInOutcome | Repeated | Refused | TooManyAttempts> {
  const look = await lookAtCode(deps, request);
  if (look.kind !== "open") return look;
  const { username, device } = look;
  const guesser = { address: request.origin.address, device };
  const { outcome } = await guess<SignInOutcome | Repeated | Refused>(
    deps,
    await mailCodeKeys(deps, username, guesser),
    {
      toldLimit: "",
      verify: () => verifyCode(deps, request),
      isWrong: ({ kind }) => kind === "refused",
    },
  );
  return outcome;
}

async function verifyCode(
  deps: Deps,
  request: EmailCodeRequest,
): Promise<SignInOutcome | Repeated | Refused> {
  const { origin, handle, code, interactionId, browserDigest } = request;
  const reserved = await reserveTry(deps, { origin, type, secret: handle });
  if (reserved === null) {
    // A first click may have spent it since: a user who is signing in must not be told that the code is
    // wrong.
    const now = await lookAtCode(deps, request);
    return now.kind === "open" ? { kind: "refused" } : now;
  }
  return await deps.kv.step(origin, async (tx) => {
    const { challenge, ...first } = await providers.read(tx, {
      ...attemptRefs(request),
      challenge: await challenges.ref(type, handle),
    });
    const attempt = openAttempt(request, first);
    const { userId, address: sentTo } = challenge.value ?? {};
    const { user, earlierSession, emailOwner } = await tx.read({
      user: users.ref(userId ?? randomId(tx.random)),
      earlierSession: attempt.earlierRef,
      emailOwner: emailRef(sentTo ?? ""),
    });
    // A decoy's code is compared too, and always refused.
    const address = currentAddress(user) ?? sentTo ?? "";
    const { provider } = attempt;
    const presented = { provider, user, address, interactionId, browserDigest };
    const open = openChallenge(type, challenge, presented);
    if (open !== null && await isCodeOf(deps, open, { secret: handle, code }, reserved)) {
      const found = { challenge: open, earlierSession, emailOwner };
      const outcome = isPresent(user) && open.value.userId !== null
        ? await spendMailChallenge(deps, tx, attempt, { ...found, user })
        : null;
      if (outcome !== null) return outcome;
    }
    const own = ownChallenge(type, challenge, presented);
    if (own !== null && open === null && isUnderWay(attempt.interaction.value)) {
      return { kind: "repeated" };
    }
    await noteFailedSignIn(tx, attempt, { reason: "email", refused: "email_code_wrong", user });
    return { kind: "refused" };
  });
}

type Look =
  | Repeated
  | Refused
  /** @property device the id of a browser that has signed in to the code's account before */
  | { readonly kind: "open"; readonly username: string; readonly device: string | null };

/**
 * Whether there is a code that this browser may try. Another browser uses up none of the owner's tries.
 */
async function lookAtCode(
  deps: Deps,
  { handle, interactionId, browserDigest, devices }: EmailCodeRequest,
): Promise<Look> {
  return await deps.kv.step(systemOrigin, async (tx) => {
    const { challenge, interaction, provider } = await providers.read(tx, {
      challenge: await challenges.ref(type, handle),
      interaction: interactions.ref(interactionId),
    });
    const { value } = challenge;
    const own = value !== null && value.browserDigest === browserDigest &&
      value.interactionId === interactionId &&
      value.providerEpoch === provider.epoch;
    if (!own) return { kind: "refused" };
    if (asFresh(challenge) === null) {
      const underWay = interaction.value !== null && isUnderWay(interaction.value);
      return underWay ? { kind: "repeated" } : { kind: "refused" };
    }
    if (devices.length === 0) return { kind: "open", username: "", device: null };
    const { user } = await tx.read({ user: users.ref(value.userId ?? "nobody") });
    const username = user.value?.username ?? "";
    return { kind: "open", username, device: deviceOf(devices, user) };
  });
}
