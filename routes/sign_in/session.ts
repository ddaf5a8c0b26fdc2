import type { Context } from "hono";
import { extendOwnSession, readOwnSession } from "../../src/authn/sessions/own_session.ts";
import type { Deps } from "../../src/deps/deps.ts";
import { endOwnSession } from "../../src/logout/logout.ts";
import { type Endpoints, endpoints } from "../endpoint.ts";
import type { AppEnv } from "../http/context.ts";
import { clearSession, readSession } from "../http/cookies.ts";
import { readForm, readQuery } from "../http/form.ts";
import { assertOwnOrigin } from "../http/form_token.ts";
import { assertWebOrigin, clientIdParameter } from "../http/web_origin.ts";

/** The browser's own session, for our pages and pages of clients on the same site. */
export function sessionRoutes(deps: Deps): Endpoints {
  const requestOf = async (c: Context<AppEnv>, clientId: string | null) => ({
    origin: c.get("origin"),
    session: await readSession(c, deps),
    clientId: c.req.header("origin") === deps.config.issuer ? null : clientId,
  });
  return endpoints({ kind: "client", noStore: true })
    .get("/session", async (c) => {
      const clientId = clientIdParameter(readQuery(c.req.raw));
      // Browsers send no Origin with a request of our own page, and pages of other origins cannot leave
      // it out.
      if (c.req.header("origin") === undefined) {
        return c.json(await readOwnSession(deps, await requestOf(c, null)));
      }
      await assertWebOrigin(c, deps, clientId);
      return c.json(await readOwnSession(deps, await requestOf(c, clientId)));
    })
    .post("/session/extend", async (c) => {
      const clientId = clientIdParameter(await readForm(c.req.raw));
      await assertWebOrigin(c, deps, clientId);
      return c.json(await extendOwnSession(deps, await requestOf(c, clientId)));
    })
    .delete("/session", async (c) => {
      assertOwnOrigin(c, deps);
      const session = await readSession(c, deps);
      if (session !== null) await endOwnSession(deps, { origin: c.get("origin"), session });
      clearSession(c, deps);
      return c.body(null, 204);
    });
}
