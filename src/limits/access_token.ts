import * as rateLimits from "../../stores/rate_limits.ts";
import type { Origin } from "../../stores/engine/transaction.ts";
import { OAuthError } from "../protocol/errors.ts";
import { addressBlock } from "./address_block.ts";
import type { LimitDeps, LimitedKey } from "./reservation.ts";
import { look, neverFailed, reserve } from "./reserve.ts";
import { assertPassed } from "./too_many_requests.ts";

/**
 * Runs the request with an access token, unless too many such requests from its address have failed. Only
 * failures count: a web application sends the requests of all its users from one address.
 * @param work throws `invalid_token` or `invalid_dpop_proof` for an invalid token
 * @throws {OAuthError} 429; the error of `work`
 * @throws {StoreUnavailable} also if a failure could not be counted
 */
export async function withAccessTokenLimit<T>(
  deps: LimitDeps,
  origin: Origin,
  work: () => Promise<T>,
): Promise<T> {
  if (!deps.config.rateLimits) return await work();
  const key = accessTokenKey(deps, origin.address);
  if (!neverFailed(deps, [key])) assertPassed(await look(deps, [key]));
  try {
    return await work();
  } catch (error) {
    if (error instanceof OAuthError && failures.includes(error.code)) await reserve(deps, [key]);
    throw error;
  }
}

const failures: readonly string[] = ["invalid_token", "invalid_dpop_proof"];

/** The limit of failures from one address. */
export function accessTokenKey(
  { config }: Pick<LimitDeps, "config">,
  address: string | null,
): LimitedKey {
  const name = "access-token";
  const limit = config.limits.accessToken;
  return { name, limit, ref: rateLimits.recentRef(name, addressBlock(address)) };
}
