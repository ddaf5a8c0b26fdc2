import * as rateLimits from "../../stores/rate_limits.ts";
import type { Origin } from "../../stores/engine/transaction.ts";
import { addressBlock } from "./address_block.ts";
import { type LimitDeps, type LimitedKey, type Reservation, reserve } from "./reserve.ts";

/**
 * Counts a request to a route against its address. The authorization endpoint, where flows start, has its
 * own limit.
 * @param route the pattern of its path: one of ours, not what the client wrote
 * @param storesForStranger whether it stores a record for an unknown browser: all such records together
 *   have a limit too, so that many addresses cannot fill the store
 */
export async function reserveRoute(
  deps: LimitDeps,
  origin: Origin,
  route: string,
  { storesForStranger = false }: { readonly storesForStranger?: boolean } = {},
): Promise<Reservation> {
  const ofRoute = await routeKey(deps, route, origin.address);
  if (!storesForStranger) return await reserve(deps, [ofRoute]);
  const reservation = await reserve(deps, [await strangersKey(deps), ofRoute]);
  // A single stranger cannot use the number that is left for all strangers.
  const quotas = reservation.quotas.filter(({ name }) => name !== strangers);
  return { ...reservation, quotas };
}

const strangers = "strangers";

/** The limit of records that all strangers together have stored. */
export async function strangersKey({ config }: Pick<LimitDeps, "config">): Promise<LimitedKey> {
  return { name: strangers, limit: config.limits.strangers, ref: await rateLimits.ref(strangers) };
}

/** The limit of requests from one address to one route. */
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
