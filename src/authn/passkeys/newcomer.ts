import { usernameRef } from "../../../stores/user_names.ts";
import type { Origin, Transaction } from "../../../stores/engine/transaction.ts";
import type { Deps } from "../../deps/deps.ts";
import type { NamesOfNewcomer } from "../new_accounts/make_account.ts";
import type { MakeCredential, Proof } from "../new_accounts/new_credential.ts";
import { guessedName } from "./name.ts";
import {
  addPasskey,
  openRegistration,
  parseRegistrationAnswer,
  registrationRefs,
} from "./registration.ts";
import { type CreationOptions, optionsForNewcomer } from "./registration_options.ts";

/** A user without an account, at a page that creates one. */
export interface Newcomer extends NamesOfNewcomer {
  readonly browserDigest: string;
}

/** The request of such a page for options. The token is its link's. */
export interface OptionsRequest {
  readonly origin: Origin;
  readonly token: string;
  readonly newcomer: Newcomer;
}

export type NewcomerOptions =
  | { readonly kind: "options"; readonly options: CreationOptions }
  /** This is reported before a passkey is created: the authenticator would store one that is useless. */
  | { readonly kind: "username_taken" };

/**
 * Adds a challenge for a new user's passkey to the step that has checked that they may have an account.
 * Returns the options for the browser.
 */
export async function newcomerOptions(
  deps: Deps,
  tx: Transaction,
  { provider, provenBy, newcomer: { username, name, browserDigest } }: Proof & {
    readonly newcomer: Newcomer;
  },
): Promise<NewcomerOptions> {
  const { taken } = await tx.read({ taken: usernameRef(username) });
  if (taken.value !== null) return { kind: "username_taken" };
  const asked = { provider, provenBy, browserDigest, username, displayName: name };
  return { kind: "options", options: await optionsForNewcomer(deps, tx, asked) };
}

/**
 * A passkey as the sign-in method of a new account. It is bound to the browser that requested its
 * options, and to the same proof.
 *
 * @param credential as the page's script posts it, in JSON
 */
export function passkeyCredential(
  deps: Deps,
  { credential, browserDigest, userAgent }: {
    readonly credential: string;
    readonly browserDigest: string;
    readonly userAgent: string | null;
  },
): MakeCredential {
  const answer = parseRegistrationAnswer("passkey_of_newcomer", credential);
  return async (tx, proof) => {
    if (answer === null) return { kind: "invalid" };
    const first = await tx.read(await registrationRefs(answer));
    const open = await openRegistration(deps, answer, first, { ...proof, browserDigest });
    if (open.kind !== "open") return open;
    const passkeyId = await addPasskey(
      tx,
      open,
      await guessedName(open.verified.aaguid, userAgent),
    );
    return { kind: "passkey", passkeyId, userId: open.userId };
  };
}
