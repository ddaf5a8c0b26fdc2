import { createMiddleware } from "hono/factory";
import { withRequestId } from "../../src/telemetry/logger.ts";
import type { AppEnv } from "./context.ts";
import { routeOf } from "./rate_limit.ts";
import { tellAnswer } from "./tell_answer.ts";

/** Lets log lines name their request, and tells its span and the counters how it was answered. */
export function telemetry() {
  return createMiddleware<AppEnv>(async (c, next) => {
    const { requestId } = c.get("origin");
    await withRequestId(requestId, next);
    tellAnswer({ method: c.req.method, route: routeOf(c), status: c.res.status, requestId });
  });
}
