import { Hono } from "hono";
import type { Deps } from "../src/deps.ts";
import { endOwnSession } from "../src/oidc/logout.ts";
import type { AppEnv } from "./http/context.ts";
import { clearSession, readSession } from "./http/cookies.ts";
import { assertOwnOrigin } from "./http/form_token.ts";

/** The browser's own session. */
export function sessionRoutes(deps: Deps): Hono<AppEnv> {
  return new Hono<AppEnv>().delete("/session", async (c) => {
    assertOwnOrigin(c, deps);
    const session = await readSession(c, deps);
    if (session !== null) await endOwnSession(deps, { origin: c.get("origin"), session });
    clearSession(c, deps);
    return c.body(null, 204);
  });
}
