import * as rateLimits from "../../stores/rate_limits.ts";
import type { Transaction } from "../../stores/engine/transaction.ts";
import { OAuthError } from "../protocol/errors.ts";
import { limitedKey } from "./limited_key.ts";
import { type LimitDeps, type LimitedKey, look, reserve } from "./reserve.ts";
import { isFull, untilNextPlace, windowAt, withOneMore } from "./sliding_window.ts";
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
  const { name, limit, ref } = await requestsToUserKey(deps, userId);
  const { log } = await tx.read({ log: ref });
  const window = windowAt(log.value?.passed ?? [], limit, tx.milliseconds);
  if (isFull(window, limit)) {
    const retryAfter = untilNextPlace(window, limit);
    throw tooManyRequests({ passed: false, quotas: [], retryAfter, taken: [] });
  }
  const { passed } = withOneMore(window);
  rateLimits.write(tx, log, { limit: name, passed, window: limit.seconds });
}

/**
 * Runs a client's request to a user, unless the client has named too many unknown users: it could look
 * through a list of names.
 *
 * @throws {OAuthError} 429; the error of `work`
 */
export async function withUnknownUserLimit<T>(
  deps: LimitDeps,
  clientId: string,
  work: () => Promise<T>,
): Promise<T> {
  if (!deps.config.rateLimits) return await work();
  const key = await unknownUsersKey(deps, clientId);
  assertPassed(await look(deps, [key]));
  try {
    return await work();
  } catch (error) {
    if (error instanceof OAuthError && error.code === "unknown_user_id") {
      // Exact also for guesses at the same moment: one past the limit is not answered.
      assertPassed(await reserve(deps, [key]));
    }
    throw error;
  }
}

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
