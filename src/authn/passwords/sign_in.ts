import * as providers from "../../../stores/provider.ts";
import { type Entry, isFresh, isPresent } from "../../../stores/engine/collection.ts";
import * as interactions from "../../../stores/interactions.ts";
import { identifierRefs, ownerOfIdentifier } from "../../../stores/user_names.ts";
import * as users from "../../../stores/users.ts";
import type { User } from "../../../stores/users.ts";
import { constantTimeEqual } from "../../crypto/constant_time.ts";
import type { Deps } from "../../deps/deps.ts";
import { assertOwnInteraction } from "../../interactions/own_interaction.ts";
import { countWrongGuess, guessesToRead, isGuessedOut } from "../../limits/account_guesses.ts";
import { passwordKeys } from "../../limits/sign_in.ts";
import type { RefusalReason } from "../../protocol/errors.ts";
import { singleFactor } from "../../protocol/acr.ts";
import { liveSession, sessionRefs } from "../../sessions/live_session.ts";
import {
  acceptFactor,
  attemptRefs,
  type Factor,
  noteFailedSignIn,
  openAttempt,
  type SignInAttempt,
  type SignInOutcome,
} from "../sign_in_attempt.ts";
import { tellOwnerOfFailures } from "../failures_notice.ts";
import { guess, type Guessed } from "../guess.ts";
import { findDevice } from "../known_browser.ts";
import { addPasswordChange } from "./reset_link.ts";
import { hashOnce, verifyOnce } from "./verify_once.ts";

export interface PasswordSignInRequest extends SignInAttempt {
  readonly username: string;
  readonly password: string;
}

/** The username and the password do not match. */
export type Refused = { readonly kind: "refused" };

/** The password is right, but somebody else knows it, so the user must choose another one. */
export type MustChangePassword = { readonly kind: "must_change_password"; readonly token: string };

/**
 * Signs a user in with a username or verified mail address and a password, for a pending request, if
 * the limits allow another guess. The answer and the time are the same for an unknown name and a wrong
 * password.
 *
 * @throws {OAuthError} if the interaction is another browser's, or finished by another user; 503 if
 *   too many passwords wait to be verified
 */
export async function signInWithPassword(
  deps: Deps,
  request: PasswordSignInRequest,
): Promise<Guessed<SignInOutcome | Refused | MustChangePassword>> {
  const { origin, username } = request;
  const device = await findDevice(deps, request.devices, username);
  const guessed = await guess(
    deps,
    await passwordKeys(deps, username, { address: origin.address, device }),
    {
      toldLimit: "sign-in",
      verify: () => verifyPassword(deps, request, device !== null),
      isWrong: ({ kind }) => kind === "refused",
    },
  );
  await tellOwnerOfFailures(deps, { origin, at: "sign-in", username, quotas: guessed.quotas });
  return guessed;
}

async function verifyPassword(
  deps: Deps,
  request: PasswordSignInRequest,
  known: boolean,
): Promise<SignInOutcome | Refused | MustChangePassword> {
  const isPassword = verifyOnce(deps, request.password, known);
  const newHash = hashOnce(deps, request.password);
  return await deps.kv.step(request.origin, async (tx) => {
    const first = await providers.read(tx, {
      ...attemptRefs(request),
      ...identifierRefs(request.username),
    });
    const userId = ownerOfIdentifier(first, request.username);
    const attempt = openAttempt(request, first);
    const key = await guessesToRead(deps, { userId, isKnownBrowser: known });
    const { user, earlierSession, guesses } = await tx.read({
      // Also for an unknown name, because the time of a round trip can be measured.
      user: users.ref(userId ?? "nobody"),
      earlierSession: attempt.earlierRef,
      guesses: key && key.ref,
    });
    const matches = await isPassword(user.value?.passwordHash ?? null);
    const mayTry = matches && !isGuessedOut(tx, key, guesses);
    if (!isPresent(user) || !mayTry || user.value.status !== "active") {
      if (isPresent(user) && !matches) countWrongGuess(tx, key, guesses);
      await noteFailedSignIn(tx, attempt, {
        reason: "pwd",
        refused: isGuessedOut(tx, key, guesses) ? "rate_limited" : refusalOf(user, matches),
        user,
      });
      return { kind: "refused" };
    }
    const { passwordHash } = user.value;
    if (user.value.mustChangePassword) {
      const token = await addPasswordChange(tx, user, attempt.provider);
      return { kind: "must_change_password", token };
    }
    // In the same commit, so that it is done completely or not at all.
    if (passwordHash !== null && deps.passwordHasher.needsRehash(passwordHash)) {
      users.replace(tx, user, { passwordHash: await newHash() });
    }
    const factor: Factor = { amr: ["pwd"], acr: singleFactor };
    return await acceptFactor(deps, tx, attempt, { user, earlierSession, factor });
  });
}

function refusalOf(user: Entry<User>, matches: boolean): RefusalReason {
  if (!isPresent(user)) return "user_unknown";
  // The user of a wrong password is not named: it may be a stranger's guess.
  return matches ? "user_suspended" : "password_wrong";
}

/**
 * Continues as the signed-in user, which is a choice and not an authentication.
 *
 * @param userId the user on the page: another tab may have signed in another user since
 * @returns whether this user is still the signed-in one
 */
export async function continueAsSignedIn(
  deps: Deps,
  request: Pick<SignInAttempt, "origin" | "interactionId" | "browserDigest" | "session"> & {
    readonly userId: string;
  },
): Promise<boolean> {
  return await deps.kv.step(request.origin, async (tx) => {
    const { session: cookie, browserDigest } = request;
    const first = await providers.read(tx, {
      interaction: interactions.ref(request.interactionId),
      ...sessionRefs(cookie),
    });
    const { provider } = first;
    const interaction = assertOwnInteraction(first.interaction, { browserDigest, provider });
    const live = liveSession(cookie, first);
    if (live === null || !constantTimeEqual(live.userId, request.userId)) return false;
    if (!isFresh(interaction) || interactions.sessionIdOf(interaction.value) === live.id) {
      return true;
    }
    interactions.setUser(tx, interaction, { kind: "chosen", sessionId: live.id });
    return true;
  });
}
