import { createMiddleware } from "hono/factory";
import { count } from "../../src/telemetry/counters.ts";
import { withRequestId } from "../../src/telemetry/logger.ts";
import { isTraced, nameSpan, tellSpan } from "../../src/telemetry/spans.ts";
import type { AppEnv } from "./context.ts";
import { routeOf } from "./rate_limit.ts";

/**
 * Lets log lines name their request, and tells the request's span, which Deno opens around it, what it
 * is: its id, and the route instead of the path. Answers of an outage are counted.
 *
 * Deno's span has the whole URL, which cannot be taken out here: docs/operating.md says where it can.
 */
export function telemetry() {
  return createMiddleware<AppEnv>(async (c, next) => {
    const { requestId } = c.get("origin");
    await withRequestId(requestId, next);
    if (isTraced()) {
      const route = routeOf(c);
      tellSpan({ "http.route": route, "latchkey.request_id": requestId });
      nameSpan(`${c.req.method} ${route}`);
    }
    if (c.res.status === 503) count("latchkey.answers.unavailable", { route: routeOf(c) });
  });
}
