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
import { algorithms, patience, relyingParty } from "./relying_party.ts";
import { credentialsOf } from "./sign_in_options.ts";

/** What a page's script asks the authenticator for. @see Web Authentication Level 3 section 5.1 */
export type CreationOptions = PublicKeyCredentialCreationOptionsJSON;

/** What a registration belongs to: its answer must present the same. */
export interface Asked {
  readonly provider: Provider;
  readonly browserDigest: string;
  /**
   * What let this browser come so far where nobody is signed in there: an id that no other proof has,
   * such as `sign_up:ID` of a proven address. It must be presented again with the answer.
   */
  readonly provenBy?: string;
}

/** Makes options for a person who has an account; none of their authenticators makes a second one. */
export async function optionsForPerson(
  deps: Deps,
  tx: Transaction,
  { user, ...asked }: Asked & { readonly user: Present<User> },
): Promise<CreationOptions> {
  const secret = await addChallenge(tx, "passkey_registration", {
    ...bindingsOf(asked),
    userId: users.idOf(user),
    epoch: user.value.epoch,
  });
  const { username, claims } = user.value;
  return await creationOptions(deps, secret, {
    userId: users.idOf(user),
    username,
    displayName: typeof claims.name === "string" ? claims.name : username,
    exclude: await credentialsOf(tx, user),
  });
}

/**
 * Makes options for somebody whose account is made in the same commit as the passkey. Who they will be
 * is chosen here, and kept in the challenge.
 *
 * @param newcomer how the authenticator lists the passkey: the name they sign in as, or their address
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
    challenge: fromBase64url(secret), // as bytes: of a text the library would take the letters
    timeout: patience,
    attestationType: "none",
    excludeCredentials: exclude,
    // Kept by the authenticator, so that it can be used without a name.
    authenticatorSelection: { residentKey: "required", userVerification: "preferred" },
    supportedAlgorithmIDs: algorithms,
  });
}
