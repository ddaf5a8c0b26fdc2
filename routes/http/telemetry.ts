import { createMiddleware } from "hono/factory";
import { withRequest } from "../../src/telemetry/logger.ts";
import type { AppEnv } from "./context.ts";
import { routeOf } from "./rate_limit.ts";
import { tellAnswer } from "./tell_answer.ts";

/** Adds the request id to log lines, and records the answer in the span and the counters. */
export function telemetry() {
  return createMiddleware<AppEnv>(async (c, next) => {
    const { requestId } = c.get("origin");
    await withRequest({ requestId }, next);
    tellAnswer({ method: c.req.method, route: routeOf(c), status: c.res.status, requestId });
  });
}
