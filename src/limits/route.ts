import * as rateLimits from "../../stores/rate_limits.ts";
import type { Origin } from "../../stores/transaction.ts";
import { addressBlock } from "./address_block.ts";
import { type LimitDeps, type Reservation, reserve } from "./reserve.ts";

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
  const { limits } = deps.config;
  const [name, limit] = route === "/authorize"
    ? ["authorize", limits.authorize] as const
    : ["route", limits.route] as const;
  const ref = await rateLimits.ref(name, addressBlock(origin.address), route);
  return await reserve(deps, [{ name, limit, ref }]);
}
