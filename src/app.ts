import { Hono } from "hono";
import { accountActivityRoutes } from "../routes/account/activity.tsx";
import { addressRoutes } from "../routes/account/address.tsx";
import { accountApplicationRoutes } from "../routes/account/applications.tsx";
import { authenticatorAppRoutes } from "../routes/account/authenticator_app.tsx";
import { accountDataRoutes } from "../routes/account/data.tsx";
import { accountOverviewRoutes } from "../routes/account/overview.tsx";
import { accountPasskeyRoutes } from "../routes/account/passkeys.tsx";
import { accountPasswordRoutes } from "../routes/account/password.tsx";
import { accountProfileRoutes } from "../routes/account/profile.tsx";
import { recoveryCodeRoutes } from "../routes/account/recovery_codes.tsx";
import { securityRoutes } from "../routes/account/security.tsx";
import { accountSessionRoutes } from "../routes/account/sessions.tsx";
import { adminRoutes } from "../routes/admin/api.ts";
import { assetRoutes } from "../routes/assets.ts";
import { authorizeRoutes } from "../routes/authorize.ts";
import { clientLogoRoutes } from "../routes/client_logo.ts";
import { consentRoutes } from "../routes/consent.tsx";
import { demoRoutes } from "../routes/dev/app.tsx";
import { mailRoutes } from "../routes/dev/mail.tsx";
import { discoveryRoutes } from "../routes/discovery.ts";
import { healthRoutes } from "../routes/health.ts";
import { homeRoutes } from "../routes/home.tsx";
import { type AppEnv, requestContext } from "../routes/http/context.ts";
import { dpopNonce } from "../routes/http/dpop.ts";
import { formAddressRoutes } from "../routes/http/form_addresses.tsx";
import { renderError } from "../routes/http/errors.tsx";
import { anyOrigin, noStore, securityHeaders } from "../routes/http/headers.ts";
import { languageChoice } from "../routes/http/language.ts";
import { notFound } from "../routes/http/not_found.tsx";
import { rateLimit } from "../routes/http/rate_limit.ts";
import { telemetry } from "../routes/http/telemetry.ts";
import { introspectRoutes } from "../routes/introspect.ts";
import { invitationRoutes } from "../routes/invitation.tsx";
import { loginRoutes } from "../routes/login.tsx";
import { passkeySignInRoutes } from "../routes/login_passkey.ts";
import { logoutRoutes } from "../routes/logout.tsx";
import { magicLinkRoutes } from "../routes/magic_link.tsx";
import { parRoutes } from "../routes/par.ts";
import { passwordResetRoutes } from "../routes/password_reset.tsx";
import { revokeRoutes } from "../routes/revoke.ts";
import { secondFactorRoutes } from "../routes/second_factor.tsx";
import { sessionRoutes } from "../routes/session.ts";
import { sessionTokenRoutes } from "../routes/session_token.tsx";
import { setupRoutes } from "../routes/setup.tsx";
import { signUpRoutes } from "../routes/sign_up.tsx";
import { tokenRoutes } from "../routes/token.ts";
import { userinfoRoutes } from "../routes/userinfo.ts";
import type { Deps } from "./deps.ts";

/** The whole provider: a function of what it is given, and of the requests. */
export function createApp(deps: Deps): Hono<AppEnv> {
  const app = new Hono<AppEnv>();
  app.use(requestContext(deps), telemetry(), securityHeaders(deps));
  app.use(languageChoice(deps));
  for (const path of ["/.well-known/*", "/token", "/userinfo", "/revoke"]) app.use(path, anyOrigin);
  for (const path of ["/session/*", "/api/*"]) app.use(path, noStore);
  for (const path of ["/token", "/par", "/userinfo", "/introspect", "/revoke"]) {
    app.use(path, noStore);
  }
  for (const path of ["/token", "/par", "/userinfo", "/api/*"]) app.use(path, dpopNonce(deps));
  app.use(rateLimit(deps));

  // For clients
  app.route("/", discoveryRoutes(deps));
  app.route("/", tokenRoutes(deps));
  app.route("/", parRoutes(deps));
  app.route("/", userinfoRoutes(deps));
  app.route("/", introspectRoutes(deps));
  app.route("/", revokeRoutes(deps));

  // For people, by way of their browsers
  app.route("/", formAddressRoutes());
  app.route("/", authorizeRoutes(deps));
  app.route("/", loginRoutes(deps));
  app.route("/", passkeySignInRoutes(deps));
  app.route("/", magicLinkRoutes(deps));
  app.route("/", signUpRoutes(deps));
  app.route("/", invitationRoutes(deps));
  app.route("/", secondFactorRoutes(deps));
  app.route("/", consentRoutes(deps));
  app.route("/", logoutRoutes(deps));
  app.route("/", sessionRoutes(deps));
  app.route("/", sessionTokenRoutes(deps));
  app.route("/", passwordResetRoutes(deps));
  app.route("/", accountOverviewRoutes(deps));
  app.route("/", accountProfileRoutes(deps));
  app.route("/", accountSessionRoutes(deps));
  app.route("/", accountApplicationRoutes(deps));
  app.route("/", accountActivityRoutes(deps));
  app.route("/", accountDataRoutes(deps));
  app.route("/", accountPasskeyRoutes(deps));
  app.route("/", securityRoutes(deps));
  app.route("/", accountPasswordRoutes(deps));
  app.route("/", authenticatorAppRoutes(deps));
  app.route("/", recoveryCodeRoutes(deps));
  app.route("/", addressRoutes(deps));
  app.route("/", homeRoutes(deps));
  app.route("/", assetRoutes(deps));
  app.route("/", clientLogoRoutes(deps));

  // For operators and developers
  app.route("/", healthRoutes(deps));
  app.route("/", setupRoutes(deps));
  app.route("/", adminRoutes(deps));
  if (deps.config.environment === "development") {
    app.route("/", demoRoutes(deps));
    app.route("/", mailRoutes(deps));
  }

  app.notFound(notFound(app));
  app.onError(renderError(deps));
  return app;
}
