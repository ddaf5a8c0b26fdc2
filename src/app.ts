import { Hono } from "hono";
import { assetRoutes } from "../routes/assets.ts";
import { authorizeRoutes } from "../routes/authorize.ts";
import { consentRoutes } from "../routes/consent.tsx";
import { discoveryRoutes } from "../routes/discovery.ts";
import { healthRoutes } from "../routes/health.ts";
import { homeRoutes } from "../routes/home.tsx";
import { type AppEnv, requestContext } from "../routes/http/context.ts";
import { dpopNonce } from "../routes/http/dpop.ts";
import { renderError } from "../routes/http/errors.tsx";
import { anyOrigin, noStore, securityHeaders } from "../routes/http/headers.ts";
import { notFound } from "../routes/http/not_found.tsx";
import { introspectRoutes } from "../routes/introspect.ts";
import { loginRoutes } from "../routes/login.tsx";
import { logoutRoutes } from "../routes/logout.tsx";
import { parRoutes } from "../routes/par.ts";
import { revokeRoutes } from "../routes/revoke.ts";
import { sessionRoutes } from "../routes/session.ts";
import { setupRoutes } from "../routes/setup.tsx";
import { tokenRoutes } from "../routes/token.ts";
import { userinfoRoutes } from "../routes/userinfo.ts";
import type { Deps } from "./deps.ts";

/** The whole provider: a function of what it is given, and of the requests. */
export function createApp(deps: Deps): Hono<AppEnv> {
  const app = new Hono<AppEnv>();
  app.use(requestContext(deps), securityHeaders(deps));
  for (const path of ["/.well-known/*", "/token", "/userinfo", "/revoke"]) app.use(path, anyOrigin);
  for (const path of ["/token", "/par", "/userinfo", "/introspect", "/revoke"]) {
    app.use(path, noStore);
  }
  for (const path of ["/token", "/par", "/userinfo"]) app.use(path, dpopNonce(deps));

  // For clients
  app.route("/", discoveryRoutes(deps));
  app.route("/", tokenRoutes(deps));
  app.route("/", parRoutes(deps));
  app.route("/", userinfoRoutes(deps));
  app.route("/", introspectRoutes(deps));
  app.route("/", revokeRoutes(deps));

  // For people, by way of their browsers
  app.route("/", authorizeRoutes(deps));
  app.route("/", loginRoutes(deps));
  app.route("/", consentRoutes(deps));
  app.route("/", logoutRoutes(deps));
  app.route("/", sessionRoutes(deps));
  app.route("/", homeRoutes(deps));
  app.route("/", assetRoutes());

  // For operators and developers
  app.route("/", healthRoutes(deps));
  app.route("/", setupRoutes(deps));

  app.notFound(notFound(app));
  app.onError(renderError(deps));
  return app;
}
