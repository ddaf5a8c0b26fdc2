import type { Context } from "hono";
import { z } from "zod";
import { constantTimeEqual } from "../../src/crypto/constant_time.ts";
import type { Deps } from "../../src/deps/deps.ts";
import {
  carriedLifetime,
  type CarriedRequest,
  carriedSchema,
  carriedUntil,
  restoreRequest,
} from "../../src/interactions/carried.ts";
import type { InteractionGone } from "../../src/interactions/own_interaction.ts";
import { recordIdOf } from "../../src/interactions/own_page.ts";
import { reserveRoute } from "../../src/limits/route.ts";
import { assertPassed } from "../../src/limits/too_many_requests.ts";
import type { AppEnv } from "./context.ts";
import { readBrowser, readDevices } from "./cookies.ts";
import { sealedCookie } from "./sealed_cookie.ts";

/** Together with all our other cookies it must fit into the 8 KB that proxies accept. */
const mostCharacters = 2_400;

/** The newest requests of a browser, the newest first. */
const requests = (deps: Deps) =>
  sealedCookie(
    "requests",
    deps.config.lifetimes.interaction + carriedLifetime,
    z.array(carriedSchema).readonly(),
    mostCharacters,
  );

/**
 * Stores a pending request in the browser's cookie. The oldest ones make room. A long request is not
 * stored.
 */
export async function carryRequest(c: Context<AppEnv>, deps: Deps, carried: CarriedRequest) {
  const others = await othersThan(c, deps, carried.interactionId);
  for (let most = others.length; most >= 0; most--) {
    if (await requests(deps).keep(c, deps, "", [carried, ...others.slice(0, most)])) return;
  }
}

/** Removes a request from the cookie, because it was answered. */
export async function dropRequest(c: Context<AppEnv>, deps: Deps, interactionId: string) {
  const all = await requests(deps).read(c, deps, "") ?? [];
  const others = await othersThan(c, deps, recordIdOf(interactionId));
  if (others.length === all.length) return;
  if (others.length === 0) requests(deps).forget(c, deps);
  else await requests(deps).keep(c, deps, "", others);
}

/**
 * Restores the interaction of a page if this browser carries its request. It counts as another
 * authorization request.
 *
 * @returns whether the browser can continue
 * @throws {OAuthError} past the limit
 */
export async function restoreInteraction(
  c: Context<AppEnv>,
  deps: Deps,
  { interactionId }: InteractionGone,
): Promise<boolean> {
  const browserDigest = await readBrowser(c, deps, interactionId);
  const all = await requests(deps).read(c, deps, "") ?? [];
  const carried = all.find((one) => one.interactionId === interactionId);
  if (carried === undefined) return false;
  if (!constantTimeEqual(carried.browserDigest, browserDigest)) return false;
  const origin = c.get("origin");
  const storesForStranger = deps.config.rateLimits && (await readDevices(c, deps)).length === 0;
  assertPassed(await reserveRoute(deps, origin, "/authorize", { storesForStranger }));
  return await restoreRequest(deps, { origin, carried });
}

async function othersThan(
  c: Context<AppEnv>,
  deps: Deps,
  interactionId: string,
): Promise<readonly CarriedRequest[]> {
  const all = await requests(deps).read(c, deps, "") ?? [];
  return all.filter((one) =>
    one.interactionId !== interactionId &&
    carriedUntil(deps, one.createdAt) > deps.clock.seconds()
  );
}
