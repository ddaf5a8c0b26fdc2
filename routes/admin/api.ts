import { type Context, Hono } from "hono";
import { TrieRouter } from "hono/router/trie-router";
import { Problem } from "../../src/admin/problem.ts";
import type { Deps } from "../../src/deps/deps.ts";
import type { AppEnv } from "../http/context.ts";
import { auditEventRoutes } from "./audit_events.ts";
import { clientRoutes } from "./clients.ts";
import { invitationAdminRoutes } from "./invitations.ts";
import { mailRoutes } from "./mail.ts";
import { maintenanceRoutes } from "./maintenance.ts";
import { rateLimitRoutes } from "./rate_limits.ts";
import { resourceRoutes } from "./resources.ts";
import { adminSessionRoutes } from "./sessions.ts";
import { signingKeyRoutes } from "./signing_keys.ts";
import { userRoutes } from "./users.ts";

/** The admin API, for programs with an access token: no cookies, no pages, no CORS. */
export function adminRoutes(deps: Deps): Hono<AppEnv> {
  const api = new Hono<AppEnv>();
  const families = [
    userRoutes,
    invitationAdminRoutes,
    clientRoutes,
    adminSessionRoutes,
    resourceRoutes,
    signingKeyRoutes,
    auditEventRoutes,
    rateLimitRoutes,
    mailRoutes,
    maintenanceRoutes,
  ];
  for (const routes of families) api.route("/api/v1", routes(deps));
  const refuse = refusal(api);
  return api.all("/api", refuse).all("/api/*", refuse);
}

/** Answers what no route took: 405 where the path has other methods, 404 where it has none. */
function refusal(api: Hono<AppEnv>) {
  const methods = new TrieRouter<string>();
  for (const { method, path } of api.routes) methods.add("ANY", path, method);
  return (c: Context<AppEnv>): Response => {
    const allowed = new Set(methods.match("ANY", c.req.path)[0].map(([method]) => method));
    if (allowed.size === 0) throw new Problem("not_found", "there is no such path");
    throw new Problem("method_not_allowed", "this path has other methods", {
      headers: { Allow: [...allowed].sort().join(", ") },
    });
  };
}
