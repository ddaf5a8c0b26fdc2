import type { Context } from "hono";
import { createMiddleware } from "hono/factory";
import { matchedRoutes } from "hono/route";
import type { Deps } from "../../src/deps/deps.ts";
import type { Reservation } from "../../src/limits/reserve.ts";
import { reserveRoute } from "../../src/limits/route.ts";
import { assertPassed, rateLimitFields } from "../../src/limits/too_many_requests.ts";
import type { AppEnv } from "./context.ts";

/** Where a request as such is not counted. */
const uncounted = new Set([
  // A relying party calls these for all its people from one address: there, failures count.
  "/token",
  "/par",
  "/introspect",
  "/revoke",
  // Whoever watches the server must not be told that it is down because they look often.
  "/healthz",
  "/readyz",
]);

/** Limits how often an address may call a route, and tells it how often it still may. */
export function rateLimit(deps: Deps) {
  return createMiddleware<AppEnv>(async (c, next) => {
    const route = routeOf(c);
    if (uncounted.has(route) || route.startsWith("/assets/")) return await next();
    const reservation = await reserveRoute(deps, c.get("origin"), route);
    assertPassed(reservation);
    await next();
    for (const [name, value] of Object.entries(rateLimitFields(reservation))) {
      c.res.headers.append(name, value);
    }
  });
}

/** Tells about a limit within a route; that of the route itself is added to it. */
export function tellRateLimit(c: Context<AppEnv>, reservation: Reservation) {
  for (const [name, value] of Object.entries(rateLimitFields(reservation))) c.header(name, value);
}

/** The pattern of the route that will answer; all paths that have none share a limit. */
export function routeOf(c: Context<AppEnv>): string {
  const handlers = matchedRoutes(c).filter(({ method }) => method !== "ALL");
  return handlers.at(-1)?.path ?? "none";
}
