import * as rateLimits from "../../stores/rate_limits.ts";
import type { Origin } from "../../stores/engine/transaction.ts";
import type { PresentedCredentials } from "../clients/credentials.ts";
import { OAuthError } from "../protocol/errors.ts";
import { addressBlock } from "./address_block.ts";
import { type LimitDeps, type LimitedKey, look, reserve } from "./reserve.ts";
import { assertPassed } from "./too_many_requests.ts";

/**
 * Does what a client asks for, unless it has failed to authenticate too often from its address, or too
 * many failures of any clients came from there: then nothing is verified any more, right secrets
 * included. Only failures count, so a client that is busy is never refused for that; guesses in flight
 * when the limit is reached are still answered.
 *
 * @param work throws `invalid_client` when the client is not who it says
 * @throws {OAuthError} 429; what `work` throws
 * @throws {StoreUnavailable} also when a failure could not be counted
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
  const [ofAddress, ofClient] = await Promise.all([
    addressAuthenticationKey(deps, origin.address),
    clientAuthenticationKey(deps, clientId, origin.address),
  ]);
  assertPassed(await look(deps, [ofAddress, ofClient]));
  try {
    return await work();
  } catch (error) {
    // Without a secret nothing is guessed: libraries try one way to authenticate after the other, and
    // a client that then succeeds must not have used up its failures (golang.org/x/oauth2 does so).
    const isGuess = credentials.method !== "none" && error instanceof OAuthError &&
      error.code === "invalid_client" && error.reason !== "client_secret_unexpected";
    if (isGuess) {
      await reserve(deps, [ofAddress, ofClient]);
    }
    throw error;
  }
}

/** Of the failures of all clients at one address: who makes up client ids is limited by this one. */
export async function addressAuthenticationKey(
  { config }: Pick<LimitDeps, "config">,
  address: string | null,
): Promise<LimitedKey> {
  const name = "client-authentication-address";
  const limit = config.limits.clientAuthenticationAddress;
  return { name, limit, ref: await rateLimits.ref(name, addressBlock(address)) };
}

/** Of the failures of one client at one address. */
export async function clientAuthenticationKey(
  { config }: Pick<LimitDeps, "config">,
  clientId: string,
  address: string | null,
): Promise<LimitedKey> {
  const name = "client-authentication";
  const limit = config.limits.clientAuthentication;
  return { name, limit, ref: await rateLimits.ref(name, clientId, addressBlock(address)) };
}
