import type { Context } from "hono";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import { StoreUnavailable } from "../../stores/engine/kv.ts";
import { SignInNeeded } from "../../src/account/account_step.ts";
import { ownPageId } from "../../src/interactions/own_page.ts";
import { InteractionGone, RequestWentOn } from "../../src/interactions/own_interaction.ts";
import { errorResponse } from "../../src/authorize/response.ts";
import { descriptionFor } from "../../src/protocol/error_description.ts";
import { AuthorizationError } from "../../src/interactions/target.ts";
import type { Deps } from "../../src/deps/deps.ts";
import { noteRefusal } from "../../src/protocol/refusals.ts";
import { type EndpointKind, OAuthError, statusOf } from "../../src/protocol/errors.ts";
import { renderProblem } from "../admin/http/render_problem.ts";
import { authorizationResponse } from "./authorization_response.tsx";
import { restoreInteraction } from "./carried_requests.ts";
import type { AppEnv } from "./context.ts";
import { keepBrowser, readBrowser } from "./cookies.ts";
import { errorPage } from "./error_page.tsx";
import { resume } from "./interaction.ts";

/** Renders whatever was thrown below a route, once: to the client, to the browser, or as JSON. */
export function renderError(deps: Deps) {
  return async (thrown: Error, c: Context<AppEnv>) => {
    const error = thrown instanceof SignInNeeded
      ? await askToSignIn(c, deps, thrown)
      : thrown instanceof InteractionGone && c.req.method === "GET"
      ? await openAgain(c, deps, thrown)
      : thrown;
    return error instanceof Response ? error : await render(error, c);
  };

  function render(thrown: Error, c: Context<AppEnv>) {
    if (thrown instanceof AuthorizationError) {
      const { target, error } = thrown;
      noteRefusal(error.reason, error.message);
      return authorizationResponse(c, errorResponse(deps, target, error));
    }
    const kind = c.get("endpoint")?.kind ?? "page";
    if (kind === "api") return renderProblem(deps, thrown, c);
    const error = asOAuthError(thrown);
    if (kind === "page" && thrown instanceof RequestWentOn) return resume(c, thrown.interactionId);
    report(deps, c, thrown, error);
    for (const [name, value] of Object.entries(error.headers)) c.header(name, value);
    return kind === "page" ? errorPage(c, deps, error) : errorJson(c, deps, error, kind);
  }
}

/** @returns where the person signs in, or what went wrong on the way there */
async function askToSignIn(
  c: Context<AppEnv>,
  deps: Deps,
  { page, maxAge }: SignInNeeded,
): Promise<Response | Error> {
  try {
    const asked = { returnTo: page, maxAge, askedAt: deps.clock.seconds() };
    const interactionId = await ownPageId(deps, await readBrowser(c, deps), asked);
    keepBrowser(c, deps, interactionId);
    c.header("Cache-Control", "no-store");
    return c.redirect(`/login?interaction=${interactionId}`, 303);
  } catch (error) {
    return error instanceof Error ? error : new Error("not an error", { cause: error });
  }
}

/** @returns the same page, for a request that its browser has carried; or what is wrong */
async function openAgain(
  c: Context<AppEnv>,
  deps: Deps,
  gone: InteractionGone,
): Promise<Response | Error> {
  try {
    if (!await restoreInteraction(c, deps, gone)) return gone;
    const { pathname, search } = new URL(c.req.url);
    c.header("Cache-Control", "no-store");
    return c.redirect(pathname + search, 303);
  } catch (error) {
    return error instanceof Error ? error : new Error("not an error", { cause: error });
  }
}

function asOAuthError(thrown: Error): OAuthError {
  if (thrown instanceof OAuthError) return thrown;
  if (thrown instanceof StoreUnavailable) {
    return new OAuthError("temporarily_unavailable", "the store is out of reach: try again soon", {
      cause: thrown,
      headers: { "Retry-After": "1" },
    });
  }
  return new OAuthError("server_error", "an unexpected error: it has been logged", {
    cause: thrown,
  });
}

function report(
  deps: Deps,
  c: Context<AppEnv>,
  thrown: Error,
  error: OAuthError,
) {
  const fields = { requestId: c.get("origin").requestId, method: c.req.method, path: c.req.path };
  if (error.code === "server_error") {
    deps.logger.error("a request failed", { ...fields, error: thrown });
  } else if (statusOf(error, "client") === 503) {
    deps.logger.warn("a request met an unavailable store", { ...fields, error: thrown });
  } else noteRefusal(error.reason, error.message);
}

/** @see RFC 6749 section 5.2, RFC 6750 section 3 */
function errorJson(c: Context<AppEnv>, deps: Deps, error: OAuthError, kind: EndpointKind) {
  const { code } = error;
  const description = descriptionFor(deps.config, error);
  const status = statusOf(error, kind) as ContentfulStatusCode;
  // Other credentials would not help where there is no such path, too many requests, or an outage.
  const isChallenge = [400, 401, 403].includes(status);
  if (kind === "resource" && isChallenge && error.headers["WWW-Authenticate"] === undefined) {
    const scheme = c.req.header("authorization")?.startsWith("DPoP") ? "DPoP" : "Bearer";
    c.header("WWW-Authenticate", `${scheme} error="${code}", error_description="${description}"`);
  }
  c.header("Cache-Control", "no-store");
  return c.json({ error: code, error_description: description }, status);
}
