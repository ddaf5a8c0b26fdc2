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
 * The registration of a passkey takes two steps of the caller:
 *
 * 1. A step that calls `optionsForUser` or `optionsForNewcomer` of registration_options.ts and returns
 *    the result. The page's script gives it to the authenticator.
 * 2. A step that creates or changes the account. It reads `registrationRefs(answer)` in its first batch,
 *    calls `openRegistration`, and, if that does not refuse, `addPasskey` in the same commit.
 *
 * For a new user, the second step passes the id from `addPasskey` to `newUser({ passkeys: [id] })`, and
 * creates the account with the id `open.userId`, because the authenticator has stored it as the user
 * handle. Nothing is spent unless that commit succeeds.
 */

export interface RegistrationAnswer extends Answer<RegistrationJson> {
  readonly type: "passkey_registration" | "passkey_of_newcomer";
}

/** Reads the posted answer to options of one of the two kinds; null: it is malformed. */
export function parseRegistrationAnswer(
  type: RegistrationAnswer["type"],
  credential: string,
): RegistrationAnswer | null {
  const answer = parseRegistration(credential);
  return answer && { ...answer, type };
}

/** The records that the step that adds the passkey reads in its first batch, beside its own. */
export async function registrationRefs({ type, challenge, json }: RegistrationAnswer) {
  return {
    challenge: await challenges.ref(type, challenge),
    passkey: passkeys.ref(await passkeys.idOfCredential(json.id)),
  };
}

/** A passkey that may be added now. Only `openRegistration` makes one. */
export interface OpenRegistration {
  readonly kind: "open";
  /** The user who will own it. */
  readonly userId: string;
  readonly verified: VerifiedRegistration;
  readonly challenge: Fresh<Challenge>;
}

export type RegistrationRefused = {
  readonly kind:
    /** The challenge was already answered, has expired, or belongs to another user or browser. */
    | "expired"
    | "invalid"
    /** The credential is already registered, by this user or another. */
    | "known";
};

/** Whether a registration, or a credential from one, was refused. */
export function isRefused(
  outcome: { readonly kind: string } | RegistrationRefused,
): outcome is RegistrationRefused {
  return outcome.kind === "expired" || outcome.kind === "invalid" || outcome.kind === "known";
}

/** Verifies an answer against the options of this browser. Nothing is spent yet. */
export async function openRegistration(
  deps: Deps,
  answer: RegistrationAnswer,
  first: { readonly challenge: Entry<Challenge>; readonly passkey: Entry<Passkey> },
  presented: Asked & { readonly user?: Present<User> },
): Promise<OpenRegistration | RegistrationRefused> {
  const challenge = openChallenge(answer.type, first.challenge, presented);
  if (challenge === null) return { kind: "expired" };
  // A challenge without a proof is not accepted if a proof is needed.
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
 * Adds a passkey and spends its challenge, in the commit that adds its id to the user's record.
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
