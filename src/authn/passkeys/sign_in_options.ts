import type { PublicKeyCredentialRequestOptionsJSON } from "@simplewebauthn/server";
import * as challenges from "../../../stores/challenges.ts";
import { isPresent, type Present, wasPresent } from "../../../stores/engine/collection.ts";
import * as interactions from "../../../stores/interactions.ts";
import * as passkeys from "../../../stores/passkeys.ts";
import * as providers from "../../../stores/provider.ts";
import type { Transaction } from "../../../stores/engine/transaction.ts";
import * as users from "../../../stores/users.ts";
import type { User } from "../../../stores/users.ts";
import { peekInBatches } from "../../../stores/engine/batches.ts";
import { assertOwnInteraction } from "../../interactions/own_interaction.ts";
import { fromBase64url } from "../../crypto/encoding.ts";
import { randomSecret } from "../../crypto/random.ts";
import type { Deps } from "../../deps/deps.ts";

import type { PendingSignIn } from "../pending_sign_in.ts";
import type { SignInAttempt } from "../sign_in_attempt.ts";
import { patience, relyingParty } from "./relying_party.ts";

/**
 * The options for a sign-in with a passkey, for a pending request. Each call creates its own challenge,
 * so that the button and the suggestions in the username field never use up each other's.
 *
 * @param wants the requirements from `readPendingSignIn`
 * @throws {OAuthError} if the interaction is another browser's
 * @see Web Authentication Level 3 section 5.5
 */
export async function passkeySignInOptions(
  deps: Deps,
  { origin, interactionId, browserDigest }: SignInAttempt,
  wants: PasskeyWanted,
): Promise<PublicKeyCredentialRequestOptionsJSON> {
  const { generateAuthenticationOptions } = await import("@simplewebauthn/server");
  const { secret, allowed } = await deps.kv.step(origin, async (tx) => {
    const { interaction, provider, user } = await providers.read(tx, {
      interaction: interactions.ref(interactionId),
      user: wants.of === null ? null : users.ref(wants.of),
    });
    const { epoch: providerEpoch } = provider;
    assertOwnInteraction(interaction, { browserDigest, provider });
    const known = user && isPresent(user) ? user : null;
    const secret = randomSecret(tx.random);
    challenges.add(tx, challengeType, await challenges.ref(challengeType, secret), {
      browserDigest,
      interactionId,
      providerEpoch,
      ...(known === null ? {} : { userId: users.idOf(known), epoch: known.value.epoch }),
    });
    return { secret, allowed: known === null ? null : await credentialsOf(tx, known) };
  });
  return await generateAuthenticationOptions({
    rpID: relyingParty(deps).id,
    challenge: fromBase64url(secret), // as bytes: the library would use the letters of a text
    timeout: patience,
    userVerification: wants.verification,
    ...(allowed === null ? {} : { allowCredentials: allowed }),
  });
}

export const challengeType = "passkey_authentication";

/** The requirements of a pending request for a passkey. */
export interface PasskeyWanted {
  /** The id of the user who must own it; null: any user. */
  readonly of: string | null;
  /** Whether user verification is required. */
  readonly verification: "required" | "preferred";
}

/**
 * Only a passkey with user verification counts as more than one factor, so it is required if more is
 * needed. A signed-in user must use their own passkey. A user who has only shown the first factor may
 * still turn out to be another one, in another tab.
 */
export function passkeyWanted({ strong, step }: PendingSignIn): PasskeyWanted {
  const required = strong || (step.kind !== "sign_in" && step.kind !== "none");
  const adds = step.kind === "passkey" ||
    (step.kind === "second_factor" && step.firstFactor === null);
  return {
    of: adds ? users.idOf(step.user) : null,
    verification: required ? "required" : "preferred",
  };
}

/** A user's credentials for the options. */
export async function credentialsOf(
  tx: Transaction,
  user: Present<User>,
): Promise<{ readonly id: string; readonly transports: string[] }[]> {
  const found = await peekInBatches(tx, user.value.passkeys.map(passkeys.ref), "only_shown");
  return found.filter(wasPresent).map(({ value: { credentialId, transports } }) => ({
    id: credentialId,
    transports: [...transports],
  }));
}
