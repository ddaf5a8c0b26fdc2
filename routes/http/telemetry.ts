import { createMiddleware } from "hono/factory";
import { count } from "../../src/telemetry/counters.ts";
import { withRequestId } from "../../src/telemetry/logger.ts";
import { isTraced, nameSpan, tellSpan } from "../../src/telemetry/spans.ts";
import type { AppEnv } from "./context.ts";
import { routeOf } from "./rate_limit.ts";

/**
 * Lets log lines name their request, and tells the request's span, which Deno opens around it, what it
 * is: its id, and the route instead of the path. Answers of an outage are counted.
 */
export function telemetry() {
  return createMiddleware<AppEnv>(async (c, next) => {
    const { requestId } = c.get("origin");
    const traced = isTraced();
    if (traced) {
      // Deno has put the query in, where one-time links and hints have their secrets.
      const { origin, pathname } = new URL(c.req.url);
      tellSpan({
        "url.full": origin + pathname,
        "url.query": "",
        "latchkey.request_id": requestId,
      });
    }
    await withRequestId(requestId, next);
    if (traced) {
      const route = routeOf(c);
      tellSpan({ "http.route": route });
      nameSpan(`${c.req.method} ${route}`);
    }
    if (c.res.status === 503) count("latchkey.answers.unavailable", { route: routeOf(c) });
  });
}
