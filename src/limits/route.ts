import * as requestCounts from "../../stores/request_counts.ts";
import type { Origin } from "../../stores/engine/transaction.ts";
import { addressBlock } from "./address_block.ts";
import type { RequestKey } from "./request_key.ts";
import { reserveRequest } from "./requests.ts";
import type { LimitDeps, Reservation } from "./reservation.ts";
import { assertPassed } from "./too_many_requests.ts";

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
  const limit = limitOf(deps, route);
  const found = requestCounts.earlyRef(limit.name, addressBlock(origin.address), route);
  const ref = found instanceof Promise ? await found : found;
  const ofRoute: RequestKey = { counted: "requests", ...limit, ref };
  if (!storesForStranger) return await reserveRequest(deps, [ofRoute]);
  const reservation = await reserveRequest(deps, [strangersKey(deps), ofRoute]);
  return withoutStrangers(reservation);
}

/**
 * Takes a place for a request that stores a record, if its client has no secret: then it could be anybody.
 * For a client with a secret only failures count.
 *
 * @throws {OAuthError} 429
 */
export async function assertMayStore(
  deps: LimitDeps,
  { origin, credentials }: {
    readonly origin: Origin;
    readonly credentials: { readonly method: string };
  },
  route: string,
): Promise<void> {
  if (credentials.method !== "none") return;
  assertPassed(await reserveRoute(deps, origin, route, { storesForStranger: true }));
}

/** Counts a record that a stranger is going to make, whatever its address and route. */
export async function reserveStranger(deps: LimitDeps): Promise<Reservation> {
  return withoutStrangers(await reserveRequest(deps, [strangersKey(deps)]));
}

/** A single stranger cannot use the number that is left for all strangers. */
function withoutStrangers(reservation: Reservation): Reservation {
  const quotas = reservation.quotas.filter(({ name }) => name !== strangers);
  return { ...reservation, quotas };
}

const strangers = "strangers";

/** The limit of records that all strangers together have stored. */
export function strangersKey({ config }: Pick<LimitDeps, "config">): RequestKey {
  const ref = requestCounts.ref(strangers);
  return { counted: "requests", name: strangers, limit: config.limits.strangers, ref };
}

/** The limit of requests from one address to one route. */
export function routeKey(
  deps: Pick<LimitDeps, "config">,
  route: string,
  address: string | null,
): RequestKey {
  const limit = limitOf(deps, route);
  const ref = requestCounts.ref(limit.name, addressBlock(address), route);
  return { counted: "requests", ...limit, ref };
}

function limitOf({ config: { limits } }: Pick<LimitDeps, "config">, route: string) {
  return route === "/authorize"
    ? { name: "authorize", limit: limits.authorize }
    : { name: "route", limit: limits.route };
}
