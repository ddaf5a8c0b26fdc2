import { z } from "zod";
import { digest } from "../src/crypto/digest.ts";
import {
  type Collection,
  collection,
  type Fresh,
  isFresh,
  type Present,
  type Ref,
} from "./engine/collection.ts";
import type { Transaction } from "./engine/transaction.ts";

/** What a challenge must name, and for how many seconds it is good. */
interface Kind {
  readonly lifetime: number;
  readonly binds: readonly (Binding | "newUserId")[];
  /** How often its code may be tried; only where there is one that could be guessed. */
  readonly tries?: number;
}

/** Something that a challenge belongs to; who answers it must present the same. */
export type Binding =
  | "userId"
  | "browserDigest"
  | "interactionId"
  | "clientId"
  | "sessionId"
  | "address"
  | "provenBy";

// Links and codes that come by mail are good for 10 minutes at most (ASVS 5.0 6.6.2). An invitation, which
// opens no account that is there already and waits for somebody who did not ask for it, has days.
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
  /** What let somebody come this far without being signed in: a proven address, an invitation. */
  provenBy: binding,
  /** Of somebody who has no account yet: who they will be, as the server has chosen. */
  newUserId: z.string().nullable(),
  /** The person's, where it names one. */
  epoch: z.int().nullable(),
  /** The person's, where it dies with their sessions. */
  sessionEpoch: z.int().nullable(),
  providerEpoch: z.int(),
  /** The person's last withdrawal from the client that it names; null: there was none. */
  withdrawal: z.string().nullable().default(null),
  /** Of a code that is short enough to type. */
  codeMac: z.string().nullable(),
  triesLeft: z.int().nullable(),
  createdAt: z.int(),
  /** What it led to; a record that has one is a tombstone. */
  spentBy: z.string().nullable(),
  /** Of a tombstone: its answer reached nobody, so the next use is an honest retry. */
  undelivered: z.boolean(),
  expiresAt: z.int(),
});
export type Challenge = z.infer<typeof schema>;
const challenges = collection({
  family: "challenges",
  // A release that knows only version 1 would read such a record, not compare `provenBy`, and drop it
  // at the next write. By the version it refuses to read it at all.
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
/** What a new challenge of a type names: its own bindings it must, all others it may. */
export type NewChallenge<Type extends ChallengeType> =
  & Given
  & Required<Pick<Given, (typeof kinds)[Type]["binds"][number]>>
  & Pick<Challenge, "providerEpoch">;

export const all: Collection<Challenge> = challenges;

/**
 * Points at the challenge of a secret. The type is part of the key, so a secret of one type finds
 * nothing at another's endpoint.
 */
export async function ref(type: ChallengeType, secret: string): Promise<Ref<Challenge>> {
  return challenges.ref(await digest(`${type}.${secret}`));
}

/** The digest that it is stored under: names the challenge, and does not tell its secret. */
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

/** Uses up one try, before its code is compared. @returns false if none is left */
export function takeTry(tx: Transaction, challenge: Fresh<Challenge>): boolean {
  const { triesLeft } = challenge.value;
  if (triesLeft === null || triesLeft < 1) return false;
  tx.replace(challenge, { ...challenge.value, triesLeft: triesLeft - 1 });
  return true;
}

/**
 * Spends a challenge, in the commit that creates what it is good for.
 *
 * @param spentBy an id that no other use has, of what it led to
 */
export function consume(tx: Transaction, challenge: Fresh<Challenge>, spentBy: string) {
  spend(tx, challenge, spentBy);
  tx.ifUndelivered(async (later) => {
    const { challenge: now } = await later.read({ challenge: challenge.ref });
    if (now.value === null || now.value.spentBy !== spentBy) return;
    later.replace(now, { ...now.value, undelivered: true });
  });
}

/**
 * Spends a challenge by a refusal. That is final: were it good once more because nobody heard of the
 * refusal, the next try would pass for the retry of something that had been granted.
 *
 * @param spentBy an id that no other use has
 */
export function refuse(tx: Transaction, challenge: Fresh<Challenge>, spentBy: string) {
  spend(tx, challenge, spentBy);
}

function spend(tx: Transaction, challenge: Fresh<Challenge>, spentBy: string) {
  tx.replace(challenge, { ...challenge.value, spentBy, undelivered: false });
}

/** A spent challenge whose answer reached nobody counts as unspent. */
export function asFresh(challenge: Present<Challenge>): Fresh<Challenge> | null {
  if (isFresh(challenge)) return challenge;
  if (!challenge.value.undelivered) return null;
  const unspent = { ...challenge, value: { ...challenge.value, spentBy: null } };
  return isFresh(unspent) ? unspent : null;
}
