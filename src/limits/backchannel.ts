import { type KeyQueue, keyQueue } from "../../stores/engine/key_queue.ts";
import type { Kv } from "../../stores/engine/step.ts";
import { perObject } from "../../stores/engine/store_memory.ts";
import type { Transaction } from "../../stores/engine/transaction.ts";
import { OAuthError } from "../protocol/errors.ts";
import { limitedKey } from "./limited_key.ts";
import type { LimitDeps, LimitedKey } from "./reservation.ts";
import { look, reserve } from "./reserve.ts";
import { isFull, untilNextPlace, windowOf, withOneMore, writeWindow } from "./sliding_window.ts";
import { assertPassed, tooManyRequests } from "./too_many_requests.ts";

/**
 * Takes a place for one request to a user, of whatever client, in the step that makes it: a user whose list
 * is flooded would allow the wrong one.
 *
 * @throws {OAuthError} 429
 */
export async function takeRequestPlace(
  deps: Pick<LimitDeps, "config">,
  tx: Transaction,
  userId: string,
) {
  if (!deps.config.rateLimits) return;
  const key = await requestsToUserKey(deps, userId);
  const { log } = await tx.read({ log: key.ref });
  const window = windowOf(tx, key, log);
  if (isFull(window, key.limit)) {
    const retryAfter = untilNextPlace(window, key.limit);
    throw tooManyRequests({ passed: false, quotas: [], retryAfter, taken: [] });
  }
  writeWindow(tx, key, log, withOneMore(window));
}

/**
 * Runs a client's request to a user, unless the client has named too many unknown users: it could look
 * through a list of names. The requests of a client take turns, so that each sees the failures before it:
 * in a burst of names, those that are known would stand out among the refusals. A turn ends as soon as the
 * user is known.
 *
 * @param authenticate throws unless the request is of that client: a stranger must not take its turns
 * @param work calls `userIsKnown` when it cannot throw `unknown_user_id` any more
 * @throws {OAuthError} 429; the error of `work`
 */
export async function withUnknownUserLimit<T>(
  deps: LimitDeps,
  clientId: string,
  { authenticate, work }: {
    readonly authenticate: () => Promise<void>;
    readonly work: (userIsKnown: () => void) => Promise<T>;
  },
): Promise<T> {
  if (!deps.config.rateLimits) return await work(() => {});
  await authenticate();
  const key = await unknownUsersKey(deps, clientId);
  const turn = await turnsOf(deps.kv).acquire([clientId]);
  try {
    assertPassed(await look(deps, [key]));
    return await work(() => turn.release());
  } catch (error) {
    if (error instanceof OAuthError && error.code === "unknown_user_id") {
      // Exact over processes also: one past the limit is not answered.
      assertPassed(await reserve(deps, [key]));
    }
    throw error;
  } finally {
    turn.release();
  }
}

const turnsOf = perObject<Kv, KeyQueue>(keyQueue);

/** The limit of requests to one user. */
export async function requestsToUserKey(
  { config }: Pick<LimitDeps, "config">,
  userId: string,
): Promise<LimitedKey> {
  return await limitedKey("backchannel-user", config.limits.signIn, userId);
}

/** The limit of unknown users that one client names. */
export async function unknownUsersKey(
  { config }: Pick<LimitDeps, "config">,
  clientId: string,
): Promise<LimitedKey> {
  return await limitedKey("backchannel-unknown-user", config.limits.signIn, clientId);
}
