import * as rateLimits from "../../stores/rate_limits.ts";
import type { Origin } from "../../stores/engine/transaction.ts";
import { addressBlock } from "./address_block.ts";
import { type LimitDeps, type LimitedKey, type Reservation, reserve } from "./reserve.ts";

/**
 * Counts a request to a route against its address. The authorization endpoint, where flows begin, has
 * a limit of its own.
 *
 * @param route the pattern of its path: one of ours, not what the client wrote
 */
export async function reserveRoute(
  deps: LimitDeps,
  origin: Origin,
  route: string,
): Promise<Reservation> {
  return await reserve(deps, [await routeKey(deps, route, origin.address)]);
}

/** Of the requests of one address to one route. */
export async function routeKey(
  { config: { limits } }: Pick<LimitDeps, "config">,
  route: string,
  address: string | null,
): Promise<LimitedKey> {
  const [name, limit] = route === "/authorize"
    ? ["authorize", limits.authorize] as const
    : ["route", limits.route] as const;
  return { name, limit, ref: await rateLimits.ref(name, addressBlock(address), route) };
}
