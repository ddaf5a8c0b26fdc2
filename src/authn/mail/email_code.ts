import * as challenges from "../../../stores/challenges.ts";
import { isPresent } from "../../../stores/engine/collection.ts";
import * as interactions from "../../../stores/interactions.ts";
import * as providers from "../../../stores/provider.ts";
import { systemOrigin } from "../../../stores/engine/transaction.ts";
import * as users from "../../../stores/users.ts";
import { randomId } from "../../crypto/random.ts";
import type { Deps } from "../../deps/deps.ts";
import { reserveSignIn } from "../../limits/sign_in.ts";
import { isCodeOf, openChallenge, ownChallenge, reserveTry } from "../challenges.ts";
import { currentAddress, isUnderWay, mailOf, type Repeated } from "./factor.ts";
import { spendMailChallenge } from "./factor.ts";
import type { Refused } from "../passwords/sign_in.ts";
import { attemptRefs, noteFailedSignIn, openAttempt } from "../sign_in_attempt.ts";
import type { SignInAttempt, SignInOutcome } from "../sign_in_attempt.ts";

const type = "email_code";

export interface EmailCodeRequest extends SignInAttempt {
  /** Of the request for the code. */
  readonly handle: string;
  readonly code: string;
}

/** Too many codes were tried for this address. */
export type TooMany = { readonly kind: "too_many" };

/**
 * Signs in by a code from a mail, in the browser that asked for it. A try is used up before the code is
 * compared, and so is a place among the guesses at this address, whatever challenge they are for. One
 * commit then spends the code, marks the address as proved, and makes the session.
 *
 * @throws {OAuthError} if the interaction is not this browser's, or done with
 */
export async function signInWithEmailCode(
  deps: Deps,
  request: EmailCodeRequest,
): Promise<SignInOutcome | Repeated | Refused | TooMany> {
  const { origin, handle, code, interactionId, browserDigest } = request;
  const look = await lookAtCode(deps, request);
  if (look.kind !== "open") return look;
  const reserved = await reserveTry(deps, { origin, type, secret: handle });
  if (reserved === null) {
    // Perhaps a first click has spent it since: who is on the way in must not hear of a wrong code.
    const now = await lookAtCode(deps, request);
    return now.kind === "open" ? { kind: "refused" } : now;
  }
  if (!(await reserveSignIn(deps, origin, look.guesses)).passed) return { kind: "too_many" };
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
      emailOwner: users.emailRef(sentTo ?? ""),
    });
    // A decoy's code is compared too, and whatever comes of it refused.
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
    noteFailedSignIn(tx, attempt, { reason: "email", user });
    return { kind: "refused" };
  });
}

type Look =
  | Repeated
  | Refused
  /** @property guesses what the guesses are counted by: the same for an address that nobody has */
  | { readonly kind: "open"; readonly guesses: string };

/** Whether there is anything to guess at: who has another browser uses up nothing of its owner's tries. */
async function lookAtCode(
  deps: Deps,
  { handle, interactionId, browserDigest }: EmailCodeRequest,
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
    if (challenges.asFresh(challenge) === null) {
      const underWay = interaction.value !== null && isUnderWay(interaction.value);
      return underWay ? { kind: "repeated" } : { kind: "refused" };
    }
    const { userId, address } = value;
    if (userId === null || address === null) return { kind: "open", guesses: address ?? "" };
    return { kind: "open", guesses: await mailOf(deps, address) };
  });
}
