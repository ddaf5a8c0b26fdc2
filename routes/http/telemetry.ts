import { createMiddleware } from "hono/factory";
import type { AppEnv } from "./context.ts";
import { routeOf } from "./rate_limit.ts";
import { tellAnswer } from "./tell_answer.ts";

/** Records the answer in the span and the counters. */
export function telemetry() {
  return createMiddleware<AppEnv>(async (c, next) => {
    await next();
    const { requestId } = c.get("origin");
    tellAnswer({ method: c.req.method, route: routeOf(c), status: c.res.status, requestId });
  });
}
