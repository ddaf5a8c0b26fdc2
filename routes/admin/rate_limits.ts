import type { z } from "zod";
import {
  forgetRateLimit,
  limitedKey,
  readRateLimit,
  resetRateLimit,
} from "../../src/admin/rate_limits.ts";
import type { Deps } from "../../src/deps/deps.ts";
import type { Endpoints } from "../endpoint.ts";
import { answer, done } from "./http/answer.ts";
import { answeredByQuery, apiEndpoints, type Endpoint } from "./http/endpoints.ts";
import { anyQuery, inQuery } from "./http/query.ts";

/** Limits, by their names in `RateLimit-Policy`. The query names the subject that is counted. */
export function rateLimitRoutes(deps: Deps): Endpoints {
  return apiEndpoints()
    .get("/rate-limits/:id", answeredByQuery(deps, anyQuery, read))
    .delete("/rate-limits/:id", answeredByQuery(deps, anyQuery, reset));
}

type Subject = z.infer<typeof anyQuery>;

const read: Endpoint<Subject> = (deps, request, name) =>
  request.step(async (tx, { query: subject }) => {
    const key = await keyOf(deps, name, subject);
    return answer({ ...await readRateLimit(deps, tx, key) });
  });

const reset: Endpoint<Subject> = async (deps, request, name) => {
  const key = await request.step(async (tx, { query: subject }) => {
    const key = await keyOf(deps, name, subject);
    await resetRateLimit(deps, tx, key, subject);
    return key;
  });
  forgetRateLimit(deps, key);
  return done;
};

async function keyOf(deps: Deps, name: string, subject: Subject) {
  return await limitedKey(deps, name, subject).catch((error) => {
    throw inQuery(error);
  });
}
