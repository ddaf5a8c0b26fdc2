import { Hono } from "hono";
import { readRateLimit, resetRateLimit } from "../../src/admin/rate_limits.ts";
import type { Deps } from "../../src/deps/deps.ts";
import type { AppEnv } from "../http/context.ts";
import { answered } from "./http.ts";

/** Limits, by the names that `RateLimit-Policy` gives them; the query says whose. */
export function rateLimitRoutes(deps: Deps): Hono<AppEnv> {
  return new Hono<AppEnv>()
    .get("/rate-limits/:id", answered(deps, readRateLimit))
    .delete("/rate-limits/:id", answered(deps, resetRateLimit));
}
