import { StoreUnavailable } from "../../stores/engine/store_errors.ts";
import type { Context } from "hono";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import { adminScope } from "../../src/clients/admin_resource.ts";
import { adminMetadataUrl } from "../../src/discovery/protected_resource.ts";
import { type Problem, problemOf } from "./problem.ts";
import type { Deps } from "../../src/deps/deps.ts";
import { OAuthError } from "../../src/protocol/errors.ts";
import { noteRefusal } from "../../src/protocol/refusals.ts";
import type { AppEnv } from "./context.ts";
import { challenge } from "./error_answer.ts";

/** Renders whatever was thrown below the admin API. @see RFC 9457 section 3 */
export async function renderProblem(deps: Deps, thrown: Error, c: Context<AppEnv>) {
  const problem = problemOf(thrown);
  const { requestId } = c.get("origin");
  report(deps, c, problem);
  for (const [name, value] of Object.entries(problem.headers)) c.header(name, value);
  if (problem.status === 401 || problem.status === 403) await addChallenge(deps, c, problem);
  c.header("Cache-Control", "no-store");
  const body = {
    type: `urn:latchkey:problem:${problem.kind.replaceAll("_", "-")}`,
    title: problem.title,
    status: problem.status,
    detail: problem.detail,
    instance: requestId,
    ...(problem.errors.length > 0 ? { errors: problem.errors } : {}),
  };
  return c.body(JSON.stringify(body), problem.status as ContentfulStatusCode, {
    "Content-Type": "application/problem+json",
  });
}

/** @see RFC 6750 section 3, RFC 9449 section 7.1, RFC 9470 section 3, RFC 9728 section 5.1 */
async function addChallenge(
  { config }: Deps,
  c: Context<AppEnv>,
  { kind, detail, headers, cause }: Problem,
) {
  if (headers["WWW-Authenticate"] !== undefined) return;
  const code = cause instanceof OAuthError ? cause.code : kind;
  const parameters: [name: string, value: string | null][] = [
    ["error", code],
    ["error_description", detail],
    ["scope", kind === "insufficient_scope" ? adminScope : null],
  ];
  if (kind === "insufficient_user_authentication") {
    // Both, whichever was missing: a sign-in that meets one alone would be refused for the other.
    const { admin } = config;
    const maxAge = admin.maxAge === null ? null : String(admin.maxAge);
    parameters.push(["acr_values", admin.acr], ["max_age", maxAge]);
  }
  parameters.push(["resource_metadata", adminMetadataUrl(config)]);
  const told = parameters.flatMap(([name, value]) => value !== null ? [`${name}="${value}"`] : []);
  c.header("WWW-Authenticate", await challenge(c.req.raw.headers, told));
}

function report(deps: Deps, c: Context<AppEnv>, problem: Problem) {
  const { requestId } = c.get("origin");
  const fields = { requestId, method: c.req.method, path: c.req.path };
  // A problem without a cause says all that is known itself.
  const { cause } = problem;
  const failure = { ...fields, error: cause ?? problem };
  if (problem.status === 500) deps.logger.error("a request failed", failure);
  else if (problem.status === 503) {
    const message = cause instanceof StoreUnavailable
      ? "a request met an unavailable store"
      : "a request cannot be answered now";
    deps.logger.warn(message, failure);
  } else {
    noteRefusal(cause instanceof OAuthError ? cause.reason : "invalid_request", problem.message);
  }
}
