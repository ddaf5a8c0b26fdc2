import type { Context } from "hono";
import { createMiddleware } from "hono/factory";
import type { Deps } from "../../src/deps/deps.ts";
import type { Reservation } from "../../src/limits/reserve.ts";
import { reserveRoute } from "../../src/limits/route.ts";
import { assertPassed, rateLimitFields } from "../../src/limits/too_many_requests.ts";
import type { AppEnv } from "./context.ts";

/** Limits how often an address may call an endpoint, and tells it how often it still may. */
export function rateLimit(deps: Deps) {
  return createMiddleware<AppEnv>(async (c, next) => {
    if (c.get("counted")) return await next(); // an endpoint before this one left the request to it
    c.set("counted", true);
    const reservation = await reserveRoute(deps, c.get("origin"), routeOf(c));
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

/** The path of the endpoint as it is declared; all paths that have none share a name, and a limit. */
export function routeOf(c: Context<AppEnv>): string {
  const endpoint = c.get("endpoint");
  return endpoint === null || endpoint.methods.length === 0 ? "none" : endpoint.path;
}
