import * as auditEvents from "../../../stores/audit_events.ts";
import * as challenges from "../../../stores/challenges.ts";
import type { Challenge } from "../../../stores/challenges.ts";
import type { Entry, Fresh, Present } from "../../../stores/engine/collection.ts";
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
import { type OpenAttempt, passFactor, type SignInOutcome } from "../sign_in_attempt.ts";

/**
 * What a link or a code by mail shows. RFC 8176 has no value for it, and `otp` would look like the
 * second factor that an authenticator app is; so it is one of our own.
 */
export const mailFactor: { readonly amr: readonly Amr[]; readonly acr: Acr } = {
  amr: ["email"],
  acr: singleFactor,
};

/** Who used it before came this way already: the browser goes on, and nothing is done twice. */
export type Repeated = { readonly kind: "repeated" };

/**
 * Spends a link or a code: the address is the person's from here on, and they have shown one factor.
 *
 * @returns null if somebody else has proved meanwhile that the address is theirs
 */
export async function spendMailChallenge(
  deps: Deps,
  tx: Transaction,
  attempt: OpenAttempt,
  { challenge, user, earlierSession, emailOwner }: {
    readonly challenge: Fresh<Challenge>;
    readonly user: Present<User>;
    readonly earlierSession: Entry<Session> | null;
    /** Of the challenge's address. */
    readonly emailOwner: Entry<{ userId: string }>;
  },
): Promise<SignInOutcome | null> {
  const { claims } = user.value;
  if (claims.email_verified !== true) {
    if (emailOwner.value !== null && emailOwner.value.userId !== users.idOf(user)) return null;
    users.replace(tx, user, { claims: { ...claims, email_verified: true } });
    auditEvents.append(tx, { type: "address_verified", person: user });
  }
  challenges.consume(tx, challenge, randomId(tx.random));
  return await passFactor(deps, tx, attempt, { user, earlierSession, factor: mailFactor });
}

/** The address that a challenge must have been sent to: the one that its person has now. */
export function currentAddress(user: Entry<User> | null): string | null {
  const email = user?.value?.claims.email;
  return typeof email === "string" ? tidyMailAddress(email) ?? email : null;
}

/** Whether somebody has signed in, or half so, in an interaction. */
export function isUnderWay({ user, firstFactor }: Interaction): boolean {
  return user.kind !== "nobody" || firstFactor !== null;
}

/** Stands for an address that is written nowhere; equal for all spellings of one. */
export async function mailOf(deps: Deps, address: string): Promise<string> {
  return `mac:${await deps.masterKey.mac("mail_address", normalName(address))}`;
}

/** A link's token names the handle of the code that it can be turned into; its digest covers both. */
export function linkToken(handle: string, secret: string): string {
  return `${handle}.${secret}`;
}

/** The handle of a token; null if it cannot be one. */
export function handleOf(token: string): string | null {
  return /^([A-Za-z0-9_-]{22})\.[A-Za-z0-9_-]{43}$/.exec(token)?.[1] ?? null;
}
