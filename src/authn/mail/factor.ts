import * as auditEvents from "../../../stores/audit_events.ts";
import * as challenges from "../../../stores/challenges.ts";
import type { Challenge } from "../../../stores/challenges.ts";
import type { Entry, Fresh, Present } from "../../../stores/engine/collection.ts";
import * as interactions from "../../../stores/interactions.ts";
import type { Interaction } from "../../../stores/interactions.ts";
import type { Session } from "../../../stores/sessions.ts";
import type { Transaction } from "../../../stores/engine/transaction.ts";
import * as users from "../../../stores/users.ts";
import type { User } from "../../../stores/users.ts";
import { tidyMailAddress } from "../../identifiers/mail_address.ts";
import { normalName } from "../../identifiers/username.ts";
import { randomId } from "../../crypto/random.ts";
import type { Deps } from "../../deps/deps.ts";
import { type Acr, singleFactor } from "../../protocol/acr.ts";
import type { Amr } from "../../protocol/amr.ts";
import { acceptFactor, type OpenAttempt, type SignInOutcome } from "../sign_in_attempt.ts";

/**
 * The `amr` value of a link or code by mail. RFC 8176 has none, and `otp` would look like the second
 * factor of an authenticator app, so this one is our own.
 */
export const mailFactor: { readonly amr: readonly Amr[]; readonly acr: Acr } = {
  amr: ["email"],
  acr: singleFactor,
};

/** The user has already used it: the browser continues, and nothing is done twice. */
export type Repeated = { readonly kind: "repeated" };

/**
 * Spends a link or a code. From then on the address is the user's, and they have shown one factor.
 *
 * @returns null if another user has verified the address meanwhile
 */
export async function spendMailChallenge(
  deps: Deps,
  tx: Transaction,
  attempt: OpenAttempt,
  { challenge, user, earlierSession, emailOwner }: {
    readonly challenge: Fresh<Challenge>;
    readonly user: Present<User>;
    readonly earlierSession: Entry<Session> | null;
    /** The owner of the challenge's address. */
    readonly emailOwner: Entry<{ userId: string }>;
  },
): Promise<SignInOutcome | null> {
  const { claims } = user.value;
  if (claims.email_verified !== true) {
    if (emailOwner.value !== null && emailOwner.value.userId !== users.idOf(user)) return null;
    users.replace(tx, user, { claims: { ...claims, email_verified: true } });
    auditEvents.append(tx, { type: "address_verified", user });
  }
  challenges.consume(tx, challenge, randomId(tx.random));
  return await acceptFactor(deps, tx, attempt, { user, earlierSession, factor: mailFactor });
}

/** The address to which the challenge must have been sent: the user's current one. */
export function currentAddress(user: Entry<User> | null): string | null {
  const email = user?.value?.claims.email;
  return typeof email === "string" ? tidyMailAddress(email) ?? email : null;
}

/** Whether a user has signed in, or passed the first factor, in an interaction. */
export function isUnderWay(interaction: Interaction): boolean {
  return interactions.sessionIdOf(interaction) !== null || interaction.firstFactor !== null;
}

/** A value in place of an address, which is not stored. It is equal for all spellings of one address. */
export async function mailOf(deps: Deps, address: string): Promise<string> {
  return `mac:${await deps.masterKey.mac("mail_address", normalName(address))}`;
}
