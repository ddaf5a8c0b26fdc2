import * as rateLimits from "../../stores/rate_limits.ts";
import type { Origin } from "../../stores/engine/transaction.ts";
import type { PresentedCredentials } from "../clients/credentials.ts";
import { isBySecret } from "../clients/methods/client_secret.ts";
import { whenRight } from "../clients/methods/told_right.ts";
import { OAuthError } from "../protocol/errors.ts";
import { addressBlock } from "./address_block.ts";
import { inLine } from "./guess_line.ts";
import { hold, keep } from "./hold.ts";
import { otherProcessesMayFree } from "./other_processes.ts";
import {
  type GuessableCredentials,
  isGuessable,
  nameOfSecret,
  provenSecrets,
} from "./proven_secrets.ts";
import type { LimitDeps, LimitedKey } from "./reservation.ts";
import { look, neverFailed, released, reserve } from "./reserve.ts";
import { assertPassed, tooManyRequests } from "./too_many_requests.ts";

/**
 * Runs a client's request, unless this client has failed to authenticate too often from its address, or
 * all clients together have. Then nothing is verified any more, not even a right secret. Only failures
 * count, so a busy client is never refused.
 *
 * A secret that this process does not know to be right takes a place before it is verified, as a password
 * does: of any burst of guesses only as many are verified as the limit allows. So does one that is known
 * to be right while its address tries others, because it may be the right one among a burst of guesses.
 * Keys and certificates cannot be guessed, so of these only the failures take places.
 * @param work throws `invalid_client` if the authentication fails
 * @throws {OAuthError} 429; the error of `work`
 * @throws {StoreUnavailable} also if a failure could not be counted
 */
export async function withClientLimit<T>(
  deps: LimitDeps,
  { origin, credentials }: {
    readonly origin: Origin;
    readonly credentials: PresentedCredentials;
  },
  work: () => Promise<T>,
): Promise<T> {
  if (!deps.config.rateLimits) return await work();
  const { clientId } = credentials;
  const ofAddress = addressAuthenticationKey(deps, origin.address);
  const ofClient = clientAuthenticationKey(deps, clientId, origin.address);
  const keys: Keys = [ofAddress, ofClient];
  if (isGuessable(credentials)) {
    const block = addressBlock(origin.address);
    const name = nameOfSecret(credentials, block);
    // Before anything is awaited: what arrives in a burst is judged by what arrived before it.
    const isKnown = isBySecret(credentials) && isFree(deps, block, name);
    if (!isKnown || !(neverFailed(deps, keys) || await hasRoom(deps, keys))) {
      return await inTurn(deps, keys, { credentials, block, name }, work);
    }
  } else if (!neverFailed(deps, keys)) {
    assertPassed(await look(deps, keys));
  }
  return await countingFailures(deps, keys, credentials, work);
}

/** Whether these credentials need no place: they are known to be right, and nobody guesses beside them. */
function isFree({ kv }: LimitDeps, block: string, name: string): boolean {
  const secrets = provenSecrets(kv);
  return secrets.has(name) && !secrets.isAmongGuesses(block, name);
}

/**
 * Requests with one secret take turns until it is known to be right; then all go on at once. Signatures
 * take turns always, because each could be a guess: a turn lasts until the signature is verified, or the
 * failure is counted. So where a client's signature was right before, one is verified at a time without a
 * place, and it sees all failures before it.
 */
async function inTurn<T>(
  deps: LimitDeps,
  keys: Keys,
  { credentials, block, name }: {
    readonly credentials: GuessableCredentials;
    readonly block: string;
    readonly name: string;
  },
  work: () => Promise<T>,
): Promise<T> {
  const secrets = provenSecrets(deps.kv);
  const leave = secrets.has(name) ? () => {} : secrets.enter(block, name);
  const turn = await secrets.turns.acquire([name]);
  whenRight(credentials, () => {
    secrets.add(name);
    leave();
    turn.release();
  });
  try {
    // A full limit may be full of places that right secrets hold at this moment.
    if (!isFree(deps, block, name) || !await hasRoom(deps, keys)) {
      const isKnown = isBySecret(credentials) && secrets.has(name);
      const endTurn = () => turn.release();
      return await guess(deps, keys, { credentials, isKnown, endTurn }, work);
    }
    if (isBySecret(credentials)) turn.release();
    return await countingFailures(deps, keys, credentials, work);
  } finally {
    leave();
    turn.release();
  }
}

async function hasRoom(deps: LimitDeps, keys: Keys): Promise<boolean> {
  return (await look(deps, keys)).passed;
}

type Keys = readonly [LimitedKey, LimitedKey];

/** A place is taken before the secret is verified; if it was no wrong one, the place is given back. */
async function guess<T>(
  deps: LimitDeps,
  keys: Keys,
  { credentials, isKnown, endTurn }: {
    readonly credentials: PresentedCredentials;
    /** Whether it is a secret that this process has seen to be right. */
    readonly isKnown: boolean;
    readonly endTurn: () => void;
  },
  work: () => Promise<T>,
): Promise<T> {
  const takePlace = async () => {
    const reservation = await hold(deps, keys);
    // It may wait. Those behind it wait in its line, which is bounded: else each would wait after the other.
    if (!reservation.passed) endTurn();
    return reservation;
  };
  const done = await inLine(deps.kv, keys, {
    reserve: takePlace,
    verify: async (reservation) => {
      const settled = await work().then(
        (value) => ({ value }),
        (error: unknown) => ({ error }),
      );
      const isWrong = "error" in settled && isGuess(settled.error, credentials);
      if (isWrong) await keep(deps, reservation);
      return { outcome: settled, gaveBack: !isWrong && await released(deps, reservation) };
    },
    mayBeFreed: async (refused, times) => {
      const [ofAddress] = keys;
      // At the limit of one client, those who would wait are guesses, and requests with its right secret.
      if (!isKnown && refused.quotas.some(({ name }) => name !== ofAddress.name)) return false;
      return await otherProcessesMayFree(deps, refused, times);
    },
  });
  if ("refused" in done) throw tooManyRequests(done.refused);
  if ("error" in done.outcome) throw done.outcome.error;
  return done.outcome.value;
}

async function countingFailures<T>(
  deps: LimitDeps,
  keys: Keys,
  credentials: PresentedCredentials,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (isGuess(error, credentials)) assertPassed(await reserve(deps, keys));
    throw error;
  }
}

/**
 * A request without a secret is no guess. Libraries try one authentication method after the other, and a
 * client that then succeeds must not use up its limit (golang.org/x/oauth2 does so).
 */
function isGuess(error: unknown, credentials: PresentedCredentials): boolean {
  return error instanceof OAuthError && error.code === "invalid_client" &&
    error.reason !== "client_secret_unexpected" &&
    (credentials.method !== "none" || guessedCertificates.includes(error.reason));
}

/** A certificate comes with a request that has nothing else of who sends it. */
const guessedCertificates: readonly unknown[] = [
  "client_certificate_expired",
  "client_certificate_untrusted",
  "client_certificate_wrong",
];

/** The limit of all clients' failures from one address. It also limits a caller who invents client ids. */
export function addressAuthenticationKey(
  { config }: Pick<LimitDeps, "config">,
  address: string | null,
): LimitedKey {
  const name = "client-authentication-address";
  const limit = config.limits.clientAuthenticationAddress;
  return { name, limit, ref: rateLimits.recentRef(name, addressBlock(address)) };
}

/** The limit of one client's failures from one address. */
export function clientAuthenticationKey(
  { config }: Pick<LimitDeps, "config">,
  clientId: string,
  address: string | null,
): LimitedKey {
  const name = "client-authentication";
  const limit = config.limits.clientAuthentication;
  return { name, limit, ref: rateLimits.recentRef(name, clientId, addressBlock(address)) };
}
