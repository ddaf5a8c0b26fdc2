import { count } from "../../src/telemetry/counters.ts";
import { isTraced, nameSpan, tellSpan } from "../../src/telemetry/spans.ts";

/**
 * Adds the request id and the route to the request's span, which Deno opens around it. The answers of
 * an outage are counted.
 *
 * Deno's span contains the whole URL, which cannot be removed here: docs/operating.md says where it
 * can.
 */
export function tellAnswer({ method, route, status, requestId }: {
  readonly method: string;
  readonly route: string;
  readonly status: number;
  readonly requestId: string;
}) {
  if (isTraced()) {
    tellSpan({ "http.route": route, "latchkey.request_id": requestId });
    nameSpan(`${method} ${route}`);
  }
  if (status === 503) count("latchkey.answers.unavailable", { route });
}
