import * as challenges from "../../stores/challenges.ts";
import type { Binding, Challenge, ChallengeType } from "../../stores/challenges.ts";
import { type Entry, type Fresh, isPresent, type Present } from "../../stores/engine/collection.ts";
import type { Provider } from "../../stores/provider.ts";
import type { Origin } from "../../stores/engine/transaction.ts";
import type { User } from "../../stores/users.ts";
import { constantTimeEqual } from "../crypto/constant_time.ts";
import { fromBase64url } from "../crypto/encoding.ts";
import type { RandomSource } from "../crypto/random.ts";
import { codeOf } from "./mail/code.ts";
import type { Deps } from "../deps/deps.ts";
import { stillLives } from "../sessions/still_lives.ts";

/** What whoever answers a challenge is known by, at this moment. */
export interface Presented extends Partial<Readonly<Record<Exclude<Binding, "userId">, string>>> {
  readonly provider: Provider;
  readonly user?: Entry<User> | null;
}

/** A challenge that can be spent now, by who presents this; null otherwise, and nobody is told why. */
export function openChallenge(
  type: ChallengeType,
  entry: Entry<Challenge>,
  presented: Presented,
): Fresh<Challenge> | null {
  const own = ownChallenge(type, entry, presented);
  return own && challenges.asFresh(own);
}

/**
 * A challenge of this type, spent or not, that is bound to nobody and nothing else than is presented.
 * A binding that the caller forgot to present is one that does not match.
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

declare const reserved: unique symbol;
/** One try that was used up before the code is looked at: only `reserveTry` makes one. */
export interface ReservedTry {
  readonly [reserved]: true;
  readonly challengeKey: string;
}

/**
 * Uses up a try, in a commit of its own: of a thousand guesses at once, exactly the allowed number is
 * ever compared. What comes of the try is for the step that follows.
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
    const open = isPresent(challenge) ? challenges.asFresh(challenge) : null;
    return open !== null && challenges.takeTry(tx, open);
  });
  return taken ? { challengeKey: String(at.key[1]) } as ReservedTry : null;
}

const codeMacPurpose = "challenge_code";

/** A code to type, and what of it is stored: a MAC, as a plain digest of so few letters is no secret. */
export async function newCode(
  deps: Deps,
  random: RandomSource,
  secret: string,
): Promise<{ readonly code: string; readonly codeMac: string }> {
  const code = codeOf(random.bytes(16));
  return { code, codeMac: await deps.masterKey.mac(codeMacPurpose, `${secret}.${code}`) };
}

/**
 * The one code that a link can be turned into: a MAC of its token, so that whoever shows the link once
 * more is told the same, and nothing that is stored tells it.
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

/** Compares a code, for the try that was reserved for it. */
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
