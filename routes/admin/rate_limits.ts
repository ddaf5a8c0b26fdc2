import {
  forgetRateLimit,
  limitedKey,
  readRateLimit,
  resetRateLimit,
} from "../../src/admin/rate_limits.ts";
import type { Deps } from "../../src/deps/deps.ts";
import type { Endpoints } from "../endpoint.ts";
import { answer, done } from "./http/answer.ts";
import { answeredByQuery, apiEndpoints, type QueryEndpoint } from "./http/endpoints.ts";
import { inQuery } from "./http/paging.ts";
import { asAdministrator } from "./http/steps.ts";

/** Limits, by their names in `RateLimit-Policy`. The query names the subject that is counted. */
export function rateLimitRoutes(deps: Deps): Endpoints {
  return apiEndpoints()
    .get("/rate-limits/:id", answeredByQuery(deps, read))
    .delete("/rate-limits/:id", answeredByQuery(deps, reset));
}

const read: QueryEndpoint = (deps, request, name) =>
  asAdministrator(deps, request, async (tx) => {
    const key = await inQuery(request, (subject) => limitedKey(deps, name, subject));
    return answer({ ...await readRateLimit(deps, tx, key) });
  });

const reset: QueryEndpoint = async (deps, request, name) => {
  const key = await asAdministrator(deps, request, async (tx) => {
    const key = await inQuery(request, (subject) => limitedKey(deps, name, subject));
    await resetRateLimit(deps, tx, key, request.query);
    return key;
  });
  forgetRateLimit(deps, key);
  return done;
};
