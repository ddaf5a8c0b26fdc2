import { createMiddleware } from "hono/factory";
import type { Deps } from "../../src/deps/deps.ts";
import { withRefusal } from "../../src/protocol/refusals.ts";
import type { AppEnv } from "./context.ts";
import { leaveTrace } from "./leave_trace.ts";
import { routeOf } from "./rate_limit.ts";

/** Leaves a trace of every refused request. In development the answer shows the reason. */
export function refusalTraces(deps: Deps) {
  return createMiddleware<AppEnv>(async (c, next) => {
    const { refusal } = await withRefusal(c.get("origin").requestId, next);
    // The form that this page answers left its trace when it was sent.
    if (c.get("refusedForm") === "shown") return;
    const answered = {
      origin: c.get("origin"),
      method: c.req.method,
      route: routeOf(c),
      isPage: c.get("endpoint")?.kind === "page",
      status: c.res.status,
      isUnfilledForm: c.get("refusedForm") === "sent",
    };
    const reason = await leaveTrace(deps, answered, refusal);
    if (reason !== null && deps.config.environment === "development") {
      c.res.headers.set("Latchkey-Reason", reason);
    }
  });
}
