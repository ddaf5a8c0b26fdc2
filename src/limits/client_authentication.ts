import * as rateLimits from "../../stores/rate_limits.ts";
import type { Origin } from "../../stores/engine/transaction.ts";
import type { PresentedCredentials } from "../clients/credentials.ts";
import { OAuthError } from "../protocol/errors.ts";
import { addressBlock } from "./address_block.ts";
import type { LimitDeps, LimitedKey } from "./reservation.ts";
import { look, neverFailed, reserve } from "./reserve.ts";
import { assertPassed } from "./too_many_requests.ts";

/**
 * Runs a client's request, unless this client has failed to authenticate too often from its address, or
 * all clients together have. Then nothing is verified any more, not even a right secret. Only failures
 * count, so a busy client is never refused. Guesses in flight when the limit is reached are still
 * answered.
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
  const both = [ofAddress, ofClient] as const;
  if (!neverFailed(deps, both)) assertPassed(await look(deps, both));
  try {
    return await work();
  } catch (error) {
    // A request without a secret is no guess. Libraries try one authentication method after the other, and
    // a client that then succeeds must not use up its limit (golang.org/x/oauth2 does so).
    const isGuess = error instanceof OAuthError && error.code === "invalid_client" &&
      error.reason !== "client_secret_unexpected" &&
      (credentials.method !== "none" || guessedCertificates.includes(error.reason));
    if (isGuess) {
      await reserve(deps, both);
    }
    throw error;
  }
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
