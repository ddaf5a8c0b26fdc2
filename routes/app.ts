import { Hono } from "hono";
import type { Deps } from "../src/deps/deps.ts";
import { accountWing } from "./account/index.ts";
import { adminWing } from "./admin/index.ts";
import { devWing } from "./dev/index.ts";
import { type AppEnv, requestContext } from "./http/context.ts";
import { renderError } from "./http/errors.tsx";
import { securityHeaders } from "./http/headers.ts";
import { refusalTraces } from "./http/refusal_traces.ts";
import { telemetry } from "./http/telemetry.ts";
import { protocolWing } from "./protocol/index.ts";
import { signInWing } from "./sign_in/index.ts";
import { refusals, type Wing } from "./wing.ts";

/** The whole provider: a function of what it is given, and of the requests. */
export function createApp(deps: Deps): Hono<AppEnv> {
  const wings = wingsOf(deps);
  const app = new Hono<AppEnv>();
  app.use(requestContext(deps), telemetry(), refusalTraces(deps), securityHeaders(deps));
  for (const { app: part } of wings) app.route("/", part);
  app.route("/", refusals(deps, wings));
  app.onError(renderError(deps));
  return app;
}

/** The map of all that the provider answers. */
export function wingsOf(deps: Deps): Wing[] {
  const signIn = signInWing(deps);
  return [
    protocolWing(deps, signIn.endpoints),
    signIn,
    accountWing(deps),
    adminWing(deps),
    ...(deps.config.environment === "development" ? [devWing(deps)] : []),
  ];
}
