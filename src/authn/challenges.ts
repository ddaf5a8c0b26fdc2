import * as challenges from "../../stores/challenges.ts";
import type { Binding, Challenge, ChallengeType } from "../../stores/challenges.ts";
import { type Entry, type Fresh, isPresent, type Present } from "../../stores/engine/collection.ts";
import type { Provider } from "../../stores/provider.ts";
import type { Origin } from "../../stores/engine/transaction.ts";
import type { User } from "../../stores/users.ts";
import { asFresh } from "../../stores/redeemable.ts";
import { constantTimeEqual } from "../crypto/constant_time.ts";
import { fromBase64url } from "../crypto/encoding.ts";
import type { RandomSource } from "../crypto/random.ts";
import { codeOf } from "../identifiers/letter_code.ts";
import type { Deps } from "../deps/deps.ts";
import { stillLives } from "../sessions/still_lives.ts";

/** The current properties of whoever answers a challenge. */
export interface Presented extends Partial<Readonly<Record<Exclude<Binding, "userId">, string>>> {
  readonly provider: Provider;
  readonly user?: Entry<User> | null;
}

/** A challenge that can be spent now with these properties; null otherwise, without a reason. */
export function openChallenge(
  type: ChallengeType,
  entry: Entry<Challenge>,
  presented: Presented,
): Fresh<Challenge> | null {
  const own = ownChallenge(type, entry, presented);
  return own && asFresh(own);
}

/**
 * A challenge of this type, spent or not, whose bindings all match. A binding that the caller does not
 * present does not match.
 */
export function ownChallenge(
  type: ChallengeType,
  entry: Entry<Challenge>,
  presented: Presented,
): Present<Challenge> | null {
  if (!isPresent(entry) || entry.value.type !== type) return null;
  const { binds } = challenges.challengeKinds[type];
  if (binds.some((binding) => entry.value[binding] === null)) return null;
  const { user = null, provider } = presented;
  if (!stillLives(entry.value, { user, provider })) return null;
  for (const binding of others) {
    const bound = entry.value[binding];
    if (bound !== null && !constantTimeEqual(bound, presented[binding] ?? "")) return null;
  }
  return entry;
}

const others = [
  "browserDigest",
  "interactionId",
  "clientId",
  "sessionId",
  "address",
  "provenBy",
] as const;

/** What a link has proven, for whatever is bound to it. The digest of its token identifies the proof. */
export function provenBy(challenge: Fresh<Challenge>): string {
  return `${challenge.value.type}:${challenges.idOf(challenge)}`;
}

declare const reserved: unique symbol;
/** One try, which is used up before the code is compared. Only `reserveTry` makes one. */
export interface ReservedTry {
  readonly [reserved]: true;
  readonly challengeKey: string;
}

/**
 * Uses up a try, in its own commit: of a thousand concurrent guesses, exactly the allowed number is
 * compared. The result of the try belongs to the step that follows.
 *
 * @returns null if there is no such challenge, or no try left
 */
export async function reserveTry(
  deps: Deps,
  { origin, type, secret }: {
    readonly origin: Origin;
    readonly type: ChallengeType;
    readonly secret: string;
  },
): Promise<ReservedTry | null> {
  const at = await challenges.ref(type, secret);
  const taken = await deps.kv.step(origin, async (tx) => {
    const { challenge } = await tx.read({ challenge: at });
    const open = isPresent(challenge) ? asFresh(challenge) : null;
    return open !== null && challenges.takeTry(tx, open);
  });
  return taken ? { challengeKey: String(at.key[1]) } as ReservedTry : null;
}

const codeMacPurpose = "challenge_code";

/**
 * A code to type, and the value that is stored for it. That is a MAC, because a plain digest of so few
 * letters could be reversed.
 */
export async function newCode(
  deps: Deps,
  random: RandomSource,
  secret: string,
): Promise<{ readonly code: string; readonly codeMac: string }> {
  const code = codeOf(random.bytes(16));
  return { code, codeMac: await deps.masterKey.mac(codeMacPurpose, `${secret}.${code}`) };
}

/**
 * The code that can replace a link: a MAC of its token. So a repeated request shows the same code, and
 * the store does not contain it.
 */
export async function codeFrom(
  deps: Deps,
  token: string,
  secret: string,
): Promise<{ readonly code: string; readonly codeMac: string }> {
  const mac = await deps.masterKey.mac("code_of_link", token);
  const code = codeOf(fromBase64url(mac).slice(0, 16));
  return { code, codeMac: await deps.masterKey.mac(codeMacPurpose, `${secret}.${code}`) };
}

/** Compares a code, with the try that was reserved for it. */
export async function isCodeOf(
  deps: Deps,
  challenge: Fresh<Challenge>,
  { secret, code }: { readonly secret: string; readonly code: string },
  { challengeKey }: ReservedTry,
): Promise<boolean> {
  if (challengeKey !== challenge.ref.key[1] || challenge.value.codeMac === null) return false;
  return await deps.masterKey.verifyMac(
    codeMacPurpose,
    `${secret}.${code}`,
    challenge.value.codeMac,
  );
}
