import type { Context } from "hono";
import { createMiddleware } from "hono/factory";
import type { Deps } from "../../src/deps/deps.ts";
import type { Reservation } from "../../src/limits/reservation.ts";
import { reserveRoute } from "../../src/limits/route.ts";
import { assertPassed, rateLimitFields } from "../../src/limits/too_many_requests.ts";
import type { AppEnv } from "./context.ts";
import { readDevices } from "./cookies.ts";

/** Limits how often an address may call an endpoint. The answer tells how many calls are left. */
export function rateLimit(deps: Deps) {
  return createMiddleware<AppEnv>(async (c, next) => {
    if (c.get("counted")) return await next(); // an earlier endpoint passed the request on to this one
    c.set("counted", true);
    const reservation = await reserveRoute(deps, c.get("origin"), routeOf(c), {
      storesForStranger: await storesForStranger(c, deps),
    });
    assertPassed(reservation);
    await next();
    for (const [name, value] of Object.entries(rateLimitFields(reservation))) {
      c.res.headers.append(name, value);
    }
  });
}

/** Whether the endpoint stores a record, and nobody has signed in with this browser before. */
export async function storesForStranger(c: Context<AppEnv>, deps: Deps): Promise<boolean> {
  if (!c.get("endpoint")?.storesForStrangers || !deps.config.rateLimits) return false;
  return (await readDevices(c, deps)).length === 0;
}

/** Adds a limit inside a route to the answer. The limit of the route itself is added too. */
export function tellRateLimit(c: Context<AppEnv>, reservation: Reservation) {
  for (const [name, value] of Object.entries(rateLimitFields(reservation))) c.header(name, value);
}

/** The declared path of the endpoint. All unknown paths share a name, and a limit. */
export function routeOf(c: Context<AppEnv>): string {
  const endpoint = c.get("endpoint");
  return endpoint === null || endpoint.methods.length === 0 ? "none" : endpoint.path;
}
