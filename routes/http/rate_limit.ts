import type { Context } from "hono";
import { createMiddleware } from "hono/factory";
import type { Deps } from "../../src/deps/deps.ts";
import type { Reservation } from "../../src/limits/reservation.ts";
import { reserveRoute } from "../../src/limits/route.ts";
import { assertPassed, rateLimitFields } from "../../src/limits/too_many_requests.ts";
import type { AppEnv } from "./context.ts";
import { readDevices } from "./cookies.ts";
import { readQuery } from "./form.ts";

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
  if ((await readDevices(c, deps)).length > 0) return false;
  return !(c.req.method === "GET" && isSilent(c.req.raw));
}

/**
 * Whether a request is answered at once, and stores nothing: applications send such requests for all
 * visitors. The parameters of a request object or of a pushed request are not in the URL, and those that are
 * there beside it do not count.
 *
 * @see RFC 9101 section 5, RFC 9126 section 4
 */
function isSilent(request: Request): boolean {
  const { prompt, request: object, request_uri: reference } = readQuery(request);
  return prompt === "none" && object === undefined && reference === undefined;
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
