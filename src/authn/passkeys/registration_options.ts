import type { PublicKeyCredentialCreationOptionsJSON } from "@simplewebauthn/server";
import * as challenges from "../../../stores/challenges.ts";
import type { ChallengeType } from "../../../stores/challenges.ts";
import type { Present } from "../../../stores/engine/collection.ts";
import type { Provider } from "../../../stores/provider.ts";
import type { Transaction } from "../../../stores/engine/transaction.ts";
import * as users from "../../../stores/users.ts";
import type { User } from "../../../stores/users.ts";
import { fromBase64url } from "../../crypto/encoding.ts";
import { randomId, randomSecret } from "../../crypto/random.ts";
import type { Deps } from "../../deps/deps.ts";
import { displayName } from "../../sessions/live_session.ts";
import { algorithms, patience, relyingParty } from "./relying_party.ts";
import { credentialsOf } from "./sign_in_options.ts";

/** The options for the authenticator. @see Web Authentication Level 3 section 5.1 */
export type CreationOptions = PublicKeyCredentialCreationOptionsJSON;

/** The bindings of a registration. Its answer must present the same values. */
export interface Asked {
  readonly provider: Provider;
  readonly browserDigest: string;
  /**
   * The proof of a browser in which nobody is signed in: an id that no other proof has, such as
   * `sign_up:ID` for a verified address. The answer must present it again.
   */
  readonly provenBy?: string;
}

/**
 * Makes options for a user with an account. Authenticators that already have a passkey of this user do
 * not create a second one.
 */
export async function optionsForUser(
  deps: Deps,
  tx: Transaction,
  { user, ...asked }: Asked & { readonly user: Present<User> },
): Promise<CreationOptions> {
  const secret = await addChallenge(tx, "passkey_registration", {
    ...bindingsOf(asked),
    userId: users.idOf(user),
    epoch: user.value.epoch,
  });
  return await creationOptions(deps, secret, {
    userId: users.idOf(user),
    username: user.value.username,
    displayName: displayName({ user }),
    exclude: await credentialsOf(tx, user),
  });
}

/**
 * Makes options for a user whose account is created in the same commit as the passkey. The server
 * chooses the user's id here and stores it in the challenge.
 *
 * @param newcomer the name in the authenticator's list: the username or the address
 */
export async function optionsForNewcomer(
  deps: Deps,
  tx: Transaction,
  { username, displayName, ...asked }: Asked & {
    readonly provenBy: string;
    readonly username: string;
    readonly displayName: string;
  },
): Promise<CreationOptions> {
  const userId = randomId(tx.random);
  const secret = await addChallenge(tx, "passkey_of_newcomer", {
    ...bindingsOf(asked),
    provenBy: asked.provenBy,
    newUserId: userId,
  });
  return await creationOptions(deps, secret, { userId, username, displayName, exclude: [] });
}

function bindingsOf({ provider, browserDigest, provenBy }: Asked) {
  return { providerEpoch: provider.epoch, browserDigest, provenBy: provenBy ?? null };
}

async function addChallenge<Type extends ChallengeType>(
  tx: Transaction,
  type: Type,
  given: challenges.NewChallenge<Type>,
): Promise<string> {
  const secret = randomSecret(tx.random);
  challenges.add(tx, type, await challenges.ref(type, secret), given);
  return secret;
}

/** @see Web Authentication Level 3 section 5.4 */
async function creationOptions(
  deps: Deps,
  secret: string,
  { userId, username, displayName, exclude }: {
    readonly userId: string;
    readonly username: string;
    readonly displayName: string;
    readonly exclude: { readonly id: string; readonly transports: string[] }[];
  },
): Promise<CreationOptions> {
  const { generateRegistrationOptions } = await import("@simplewebauthn/server");
  const { id, name } = relyingParty(deps);
  return await generateRegistrationOptions({
    rpID: id,
    rpName: name,
    userID: fromBase64url(userId),
    userName: username,
    userDisplayName: displayName,
    challenge: fromBase64url(secret), // as bytes: the library would use the letters of a text
    timeout: patience,
    attestationType: "none",
    excludeCredentials: exclude,
    // Stored by the authenticator, so that it can be used without a username.
    authenticatorSelection: { residentKey: "required", userVerification: "preferred" },
    supportedAlgorithmIDs: algorithms,
  });
}
