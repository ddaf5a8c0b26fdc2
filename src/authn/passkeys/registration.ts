import type { PublicKeyCredentialCreationOptionsJSON } from "@simplewebauthn/server";
import * as challenges from "../../../stores/challenges.ts";
import type { Challenge, ChallengeType } from "../../../stores/challenges.ts";
import type { Entry, Fresh, Present } from "../../../stores/collection.ts";
import * as passkeys from "../../../stores/passkeys.ts";
import type { Passkey } from "../../../stores/passkeys.ts";
import type { Provider } from "../../../stores/provider.ts";
import type { Transaction } from "../../../stores/transaction.ts";
import * as users from "../../../stores/users.ts";
import type { User } from "../../../stores/users.ts";
import { fromBase64url } from "../../crypto/encoding.ts";
import { randomId, randomSecret } from "../../crypto/random.ts";
import type { Deps } from "../../deps.ts";
import { openChallenge } from "../challenges.ts";
import { type Answer, parseRegistration, type RegistrationJson } from "./credential_json.ts";
import { algorithms, patience, relyingParty } from "./relying_party.ts";
import { credentialsOf } from "./sign_in_options.ts";
import { type VerifiedRegistration, verifyRegistration } from "./verify.ts";

/** What a page's script asks the authenticator for. @see Web Authentication Level 3 section 5.1 */
export type CreationOptions = PublicKeyCredentialCreationOptionsJSON;

/**
 * How a passkey is registered, by whoever it is. Two steps of the caller's own:
 *
 * 1. a step that calls `optionsForPerson` or `optionsForNewcomer` and answers what it returns, which the
 *    page's script hands to the authenticator;
 * 2. a step that creates or changes the account: it reads `registrationRefs(answer)` in its first batch,
 *    calls `openRegistration`, and, where that is no refusal, `addPasskey` in the same commit.
 *
 * A newcomer's step puts the id that `addPasskey` returns into `newUser({ passkeys: [id] })`, and makes
 * the account under `open.userId`, which the authenticator keeps as the user handle and which can't be
 * another one. Nothing is spent unless that commit lands.
 */
interface Asked {
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

export interface RegistrationAnswer extends Answer<RegistrationJson> {
  readonly type: "passkey_registration" | "passkey_of_newcomer";
}

/** Reads what the page's script posted, as an answer to options of one of the two kinds; null: it is none. */
export function parseRegistrationAnswer(
  type: RegistrationAnswer["type"],
  credential: string,
): RegistrationAnswer | null {
  const answer = parseRegistration(credential);
  return answer && { ...answer, type };
}

/** What the step that adds the passkey reads in its first batch, beside its own. */
export async function registrationRefs({ type, challenge, json }: RegistrationAnswer) {
  return {
    challenge: await challenges.ref(type, challenge),
    passkey: passkeys.ref(await passkeys.idOfCredential(json.id)),
  };
}

/** A passkey that may be added now: only `openRegistration` makes one. */
export interface OpenRegistration {
  readonly kind: "open";
  /** Whose it will be. */
  readonly userId: string;
  readonly verified: VerifiedRegistration;
  readonly challenge: Fresh<Challenge>;
}

export type RegistrationRefused = {
  readonly kind:
    /** The challenge was answered before, took too long, or is another person's or browser's. */
    | "expired"
    | "invalid"
    /** The credential is registered, with this person or another. */
    | "known";
};

/** Whether a registration, or a credential that one was to make, was refused. */
export function isRefused(
  outcome: { readonly kind: string } | RegistrationRefused,
): outcome is RegistrationRefused {
  return outcome.kind === "expired" || outcome.kind === "invalid" || outcome.kind === "known";
}

/** Verifies an answer against what was asked of this browser. Nothing is spent yet. */
export async function openRegistration(
  deps: Deps,
  answer: RegistrationAnswer,
  first: { readonly challenge: Entry<Challenge>; readonly passkey: Entry<Passkey> },
  presented: Asked & { readonly user?: Present<User> },
): Promise<OpenRegistration | RegistrationRefused> {
  const challenge = openChallenge(answer.type, first.challenge, presented);
  if (challenge === null) return { kind: "expired" };
  // What was asked for without a proof is no answer where one is needed.
  const { provenBy = null } = presented;
  if (provenBy !== challenge.value.provenBy) return { kind: "expired" };
  const verified = await verifyRegistration(relyingParty(deps), answer);
  if (verified === null) return { kind: "invalid" };
  if (first.passkey.value !== null) return { kind: "known" };
  const userId = challenge.value.userId ?? challenge.value.newUserId;
  if (userId === null) throw new Error("a registration for nobody");
  return { kind: "open", userId, verified, challenge };
}

/**
 * Adds a passkey and spends its challenge, in the commit that puts its id into the person's record.
 *
 * @returns the id
 */
export async function addPasskey(
  tx: Transaction,
  { userId, verified, challenge }: OpenRegistration,
  name: string,
): Promise<string> {
  const passkeyId = await passkeys.idOfCredential(verified.credentialId);
  challenges.consume(tx, challenge, passkeyId);
  passkeys.create(tx, passkeyId, { ...verified, userId, name });
  return passkeyId;
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
