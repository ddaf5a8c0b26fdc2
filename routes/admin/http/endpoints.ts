import type { Context } from "hono";
import type { z } from "zod";
import type { Deps } from "../../../src/deps/deps.ts";
import type { Facts } from "../../declaration.ts";
import { type Endpoints, endpoints } from "../../endpoint.ts";
import type { AppEnv } from "../../http/context.ts";
import type { Answer } from "./answer.ts";
import { noQuery } from "./query.ts";
import { type AdminRequest, readRequest } from "./request.ts";

/** The properties of all endpoints of the admin API. */
export const apiFacts: Facts = { kind: "api", noStore: true, dpopNonce: true };

/** Begins a list of endpoints of the admin API. */
export function apiEndpoints(): Endpoints {
  return endpoints(apiFacts, "/api/v1");
}

/**
 * Answers a request of the admin API. `id` is the `:id` of the path, or empty. An endpoint that reads its
 * query gets it in a step, as the schema beside its path says.
 */
export type Endpoint<Query = unknown> = (
  deps: Deps,
  request: AdminRequest<Query>,
  id: string,
) => Promise<Answer>;

/** Makes a handler of an endpoint without a query. One that comes is refused. */
export function answered(deps: Deps, endpoint: Endpoint) {
  return answeredByQuery(deps, noQuery, endpoint);
}

/** Makes a handler of an endpoint that reads its query. */
export function answeredByQuery<Query>(
  deps: Deps,
  schema: z.ZodType<Query>,
  endpoint: Endpoint<Query>,
) {
  return async (c: Context<AppEnv>) =>
    written(c, await endpoint(deps, await readRequest(c, deps, schema), idOf(c)));
}

function idOf(c: Context<AppEnv>): string {
  return c.req.param("id") ?? "";
}

function written(c: Context<AppEnv>, { status, body, headers }: Answer) {
  for (const [name, value] of Object.entries(headers)) c.header(name, value);
  return body === null ? c.body(null, status) : c.json(body, status);
}
