import { readRateLimit, resetRateLimit } from "../../src/admin/rate_limits.ts";
import type { Deps } from "../../src/deps/deps.ts";
import type { Endpoints } from "../endpoint.ts";
import { answered, apiEndpoints } from "./http.ts";

/** Limits, by the names that `RateLimit-Policy` gives them; the query says whose. */
export function rateLimitRoutes(deps: Deps): Endpoints {
  return apiEndpoints()
    .get("/rate-limits/:id", answered(deps, readRateLimit))
    .delete("/rate-limits/:id", answered(deps, resetRateLimit));
}
