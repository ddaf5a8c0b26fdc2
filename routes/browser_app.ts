import { Hono } from "hono";
import type { Deps } from "../src/deps/deps.ts";
import { accountWing } from "./account/index.ts";
import { adminWing } from "./admin/index.ts";
import type { Declaration } from "./declaration.ts";
import { devWing } from "./dev/index.ts";
import { type AppEnv, requestContext } from "./http/context.ts";
import { renderError } from "./http/errors.tsx";
import { securedAnswers } from "./http/headers.ts";
import { knownPaths } from "./http/known_paths.ts";
import { refusalTraces } from "./http/refusal_traces.ts";
import { telemetry } from "./http/telemetry.ts";
import { protocolWing } from "./protocol/browser_wing.ts";
import { signInWing } from "./sign_in/index.ts";
import { refusals, type Wing } from "./wing.ts";

/**
 * The app of the pages, of the admin API, and of everything that has no endpoint.
 * @param elsewhere the endpoints of the other app: here their other methods are answered
 */
export function browserApp(deps: Deps, elsewhere: readonly Declaration[]): Hono<AppEnv> {
  const wings = wingsOf(deps);
  const app = new Hono<AppEnv>({ router: knownPaths() });
  app.use(requestContext(deps), telemetry(), refusalTraces(deps), securedAnswers(deps));
  for (const { app: part } of wings) app.route("/", part);
  app.route("/", refusals(deps, wings, elsewhere));
  app.onError(renderError(deps));
  return app;
}

/** The map of this app's endpoints. */
export function wingsOf(deps: Deps): Wing[] {
  return [
    protocolWing(deps),
    signInWing(deps),
    accountWing(deps),
    adminWing(deps),
    ...(deps.config.environment === "development" ? [devWing(deps)] : []),
  ];
}
