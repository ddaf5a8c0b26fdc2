import { z } from "zod";
import { digest } from "../src/crypto/digest.ts";
import {
  type Collection,
  collection,
  type Fresh,
  type Present,
  type Ref,
} from "./engine/collection.ts";
import type { Transaction } from "./engine/transaction.ts";
import { markIfUndelivered } from "./redeemable.ts";

/** The members that a challenge of this kind must have, and its lifetime in seconds. */
interface Kind {
  readonly lifetime: number;
  readonly binds: readonly (Binding | "newUserId")[];
  /** The number of tries of its code; only for codes short enough to guess. */
  readonly tries?: number;
}

/** A property that a challenge is bound to. The answer must present the same value. */
export type Binding =
  | "userId"
  | "browserDigest"
  | "interactionId"
  | "clientId"
  | "sessionId"
  | "address"
  | "provenBy";

// Links and codes sent by mail are valid for 10 minutes at most (ASVS 5.0 6.6.2). An invitation is valid
// for days: it gives no access to an existing account, and the invited person did not ask for it.
const kinds = {
  passkey_registration: { lifetime: 300, binds: ["userId", "browserDigest"] },
  passkey_of_newcomer: { lifetime: 300, binds: ["newUserId", "browserDigest", "provenBy"] },
  passkey_authentication: { lifetime: 300, binds: ["browserDigest", "interactionId"] },
  magic_link: { lifetime: 600, binds: ["address", "browserDigest", "interactionId"] },
  email_code: { lifetime: 300, binds: ["address", "browserDigest", "interactionId"], tries: 5 },
  sign_up: { lifetime: 600, binds: ["address"] },
  address_change: { lifetime: 600, binds: ["userId", "address"] },
  password_reset: { lifetime: 600, binds: ["userId", "address"] },
  password_change: { lifetime: 600, binds: ["userId"] },
  session_token: { lifetime: 300, binds: ["userId", "sessionId", "clientId"] },
} as const satisfies Record<string, Kind>;

export type ChallengeType = keyof typeof kinds;
export const challengeTypes = Object.keys(kinds) as ChallengeType[];
export const challengeKinds: Readonly<Record<ChallengeType, Kind>> = kinds;

const binding = z.string().nullable();
const schema = z.object({
  type: z.enum(challengeTypes),
  userId: binding,
  browserDigest: binding,
  interactionId: binding,
  clientId: binding,
  sessionId: binding,
  /** The mail address that it was sent to. */
  address: binding,
  /** The proof that let a user come this far without a session: a verified address, an invitation. */
  provenBy: binding,
  /** For a user who has no account yet: the id that the server has chosen for the account. */
  newUserId: z.string().nullable(),
  /** The epoch of the user, if it names one. */
  epoch: z.int().nullable(),
  /** The session epoch of the user, if it must end with their sessions. */
  sessionEpoch: z.int().nullable(),
  providerEpoch: z.int(),
  /** The user's last withdrawal from the client that it names; null: there was none. */
  withdrawal: z.string().nullable().default(null),
  /** The MAC of a code that is short enough to type. */
  codeMac: z.string().nullable(),
  triesLeft: z.int().nullable(),
  createdAt: z.int(),
  /** The result. With it, the record is a tombstone. */
  spentBy: z.string().nullable(),
  /** Only in a tombstone: the answer was never delivered, so the next use is a retry and no replay. */
  undelivered: z.boolean(),
  expiresAt: z.int(),
});
export type Challenge = z.infer<typeof schema>;
const challenges = collection({
  family: "challenges",
  // A release that knows only version 1 would read such a record without comparing `provenBy`, and would
  // drop it at the next write. The version number makes that release refuse the record.
  version: 2,
  schema,
  upgrades: {
    1: (challenge) => ({
      ...(typeof challenge === "object" ? challenge : null),
      provenBy: null,
      newUserId: null,
    }),
  },
});

type Given = Partial<
  Pick<Challenge, Binding | "newUserId" | "epoch" | "sessionEpoch" | "withdrawal" | "codeMac">
>;
/** A new challenge of a type must have the bindings of its own type, and may have all others. */
export type NewChallenge<Type extends ChallengeType> =
  & Given
  & Required<Pick<Given, (typeof kinds)[Type]["binds"][number]>>
  & Pick<Challenge, "providerEpoch">;

export const all: Collection<Challenge> = challenges;

/**
 * The place of the challenge of a secret. The type is part of the key, so a secret of one type is not
 * found at the endpoint of another.
 */
export async function ref(type: ChallengeType, secret: string): Promise<Ref<Challenge>> {
  return challenges.ref(await digest(`${type}.${secret}`));
}

/** The digest under which it is stored: identifies the challenge without revealing its secret. */
export function idOf(challenge: Present<Challenge>): string {
  return String(challenge.ref.key[1]);
}

/** Adds a challenge, unspent, under the digest of its fresh secret. */
export function add<Type extends ChallengeType>(
  tx: Transaction,
  type: Type,
  at: Ref<Challenge>,
  given: NewChallenge<Type>,
) {
  const { lifetime, tries }: Kind = challengeKinds[type];
  const { providerEpoch, ...bound }: Given & Pick<Challenge, "providerEpoch"> = given;
  tx.add(at, {
    type,
    userId: null,
    browserDigest: null,
    interactionId: null,
    clientId: null,
    sessionId: null,
    address: null,
    provenBy: null,
    newUserId: null,
    epoch: null,
    sessionEpoch: null,
    withdrawal: null,
    codeMac: null,
    ...bound,
    providerEpoch,
    triesLeft: tries ?? null,
    createdAt: tx.now,
    spentBy: null,
    undelivered: false,
    expiresAt: tx.now + lifetime,
  });
}

/** Uses up one try, before the code is compared. @returns false if no try is left */
export function takeTry(tx: Transaction, challenge: Fresh<Challenge>): boolean {
  const { triesLeft } = challenge.value;
  if (triesLeft === null || triesLeft < 1) return false;
  tx.replace(challenge, { ...challenge.value, triesLeft: triesLeft - 1 });
  return true;
}

/**
 * Spends a challenge, in the commit that creates its result.
 * @param spentBy the id of the result, different for each use
 */
export function consume(tx: Transaction, challenge: Fresh<Challenge>, spentBy: string) {
  spend(tx, challenge, spentBy);
  markIfUndelivered(tx, challenge, spentBy);
}

/**
 * Spends a challenge by a refusal, finally. If an undelivered refusal made the challenge valid again, the
 * next try would pass as the retry of an accepted answer.
 * @param spentBy an id that no other use has
 */
export function refuse(tx: Transaction, challenge: Fresh<Challenge>, spentBy: string) {
  spend(tx, challenge, spentBy);
}

function spend(tx: Transaction, challenge: Fresh<Challenge>, spentBy: string) {
  tx.replace(challenge, { ...challenge.value, spentBy, undelivered: false });
}
