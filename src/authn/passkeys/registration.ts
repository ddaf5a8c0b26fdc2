import * as challenges from "../../../stores/challenges.ts";
import type { Challenge } from "../../../stores/challenges.ts";
import type { Entry, Fresh, Present } from "../../../stores/engine/collection.ts";
import * as passkeys from "../../../stores/passkeys.ts";
import type { Passkey } from "../../../stores/passkeys.ts";
import type { Transaction } from "../../../stores/engine/transaction.ts";
import type { User } from "../../../stores/users.ts";
import type { Deps } from "../../deps/deps.ts";
import { openChallenge } from "../challenges.ts";
import { type Answer, parseRegistration, type RegistrationJson } from "./credential_json.ts";
import type { Asked } from "./registration_options.ts";
import { relyingParty } from "./relying_party.ts";
import { type VerifiedRegistration, verifyRegistration } from "./verify.ts";

/*
 * How a passkey is registered, by whoever it is. Two steps of the caller's own:
 *
 * 1. a step that calls `optionsForPerson` or `optionsForNewcomer` of registration_options.ts and answers
 *    what it returns, which the page's script hands to the authenticator;
 * 2. a step that creates or changes the account: it reads `registrationRefs(answer)` in its first batch,
 *    calls `openRegistration`, and, where that is no refusal, `addPasskey` in the same commit.
 *
 * A newcomer's step puts the id that `addPasskey` returns into `newUser({ passkeys: [id] })`, and makes
 * the account under `open.userId`, which the authenticator keeps as the user handle and which can't be
 * another one. Nothing is spent unless that commit lands.
 */

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
