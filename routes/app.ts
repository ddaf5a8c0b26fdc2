import { Hono } from "hono";
import { accountActivityRoutes } from "./account/activity.tsx";
import { addressRoutes } from "./account/address.tsx";
import { accountApplicationRoutes } from "./account/applications.tsx";
import { authenticatorAppRoutes } from "./account/authenticator_app.tsx";
import { accountDataRoutes } from "./account/data.tsx";
import { accountOverviewRoutes } from "./account/overview.tsx";
import { accountPasskeyRoutes } from "./account/passkeys.tsx";
import { accountPasswordRoutes } from "./account/password.tsx";
import { accountProfileRoutes } from "./account/profile.tsx";
import { recoveryCodeRoutes } from "./account/recovery_codes.tsx";
import { securityRoutes } from "./account/security.tsx";
import { accountSessionRoutes } from "./account/sessions.tsx";
import { adminRoutes } from "./admin/api.ts";
import { assetRoutes } from "./sign_in/assets.ts";
import { authorizeRoutes } from "./sign_in/authorize.ts";
import { clientLogoRoutes } from "./sign_in/client_logo.ts";
import { consentRoutes } from "./sign_in/consent.tsx";
import { demoRoutes } from "./dev/app.tsx";
import { mailRoutes } from "./dev/mail.tsx";
import { discoveryRoutes } from "./protocol/discovery.ts";
import { healthRoutes } from "./protocol/health.ts";
import { homeRoutes } from "./sign_in/home.tsx";
import { type AppEnv, requestContext } from "./http/context.ts";
import { dpopNonce } from "./http/dpop.ts";
import { formAddressRoutes } from "./sign_in/form_addresses.tsx";
import { renderError } from "./http/errors.tsx";
import { anyOrigin, noStore, securityHeaders } from "./http/headers.ts";
import { languageChoice } from "./http/language.ts";
import { notFound } from "./http/not_found.tsx";
import { rateLimit } from "./http/rate_limit.ts";
import { telemetry } from "./http/telemetry.ts";
import { introspectRoutes } from "./protocol/introspect.ts";
import { invitationRoutes } from "./sign_in/invitation.tsx";
import { loginRoutes } from "./sign_in/login.tsx";
import { passkeySignInRoutes } from "./sign_in/login_passkey.ts";
import { logoutRoutes } from "./sign_in/logout.tsx";
import { magicLinkRoutes } from "./sign_in/magic_link.tsx";
import { parRoutes } from "./protocol/par.ts";
import { passwordResetRoutes } from "./sign_in/password_reset.tsx";
import { revokeRoutes } from "./protocol/revoke.ts";
import { secondFactorRoutes } from "./sign_in/second_factor.tsx";
import { sessionRoutes } from "./sign_in/session.ts";
import { sessionTokenRoutes } from "./protocol/session_token.tsx";
import { setupRoutes } from "./sign_in/setup.tsx";
import { signUpRoutes } from "./sign_in/sign_up.tsx";
import { tokenRoutes } from "./protocol/token.ts";
import { userinfoRoutes } from "./protocol/userinfo.ts";
import type { Deps } from "../src/deps/deps.ts";

/** The whole provider: a function of what it is given, and of the requests. */
export function createApp(deps: Deps): Hono<AppEnv> {
  const app = new Hono<AppEnv>();
  app.use(requestContext(deps), telemetry(), securityHeaders(deps));
  app.use(languageChoice(deps));
  for (const path of ["/.well-known/*", "/token", "/par", "/userinfo", "/revoke"]) {
    app.use(path, anyOrigin);
  }
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
