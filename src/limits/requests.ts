import { lookLeased, takeLeased } from "./leased_requests.ts";
import { forgetRemembered, lookRemembered, takeRemembered } from "./remembered_requests.ts";
import { type LimitDeps, logged, type Reservation, unlimited } from "./reservation.ts";
import type { RequestKey, RequestUsage } from "./request_key.ts";

/**
 * Takes a place for a request under each of the limits, or under none. The first key must be the broadest
 * one. It costs no commit while the limits are far from full; a refusal writes nothing.
 * @throws {StoreUnavailable} and then the request must not pass
 */
export async function reserveRequest(
  deps: LimitDeps,
  keys: readonly [RequestKey, ...RequestKey[]],
): Promise<Reservation> {
  if (!deps.config.rateLimits) return unlimited;
  const { memory } = deps.kv;
  const reservation = memory === null
    ? await takeLeased(deps, keys)
    : await takeRemembered(deps, memory, keys);
  return logged(deps, reservation);
}

/** How much of a limit is used. */
export async function requestUsage(deps: LimitDeps, key: RequestKey): Promise<RequestUsage> {
  const { memory } = deps.kv;
  return memory === null
    ? { key, ...await lookLeased(deps, key) }
    : { key, ...await lookRemembered(deps, memory, key) };
}

/** Call this after the record of a count was deleted. */
export function forgetRequests({ kv }: Pick<LimitDeps, "kv">, key: RequestKey) {
  if (kv.memory !== null) forgetRemembered(kv.memory, key);
}
