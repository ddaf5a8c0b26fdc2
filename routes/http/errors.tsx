import type { Context } from "hono";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import { SignInNeeded } from "../../src/account/account_step.ts";
import { ownPageId } from "../../src/interactions/own_page.ts";
import { InteractionGone, RequestWentOn } from "../../src/interactions/own_interaction.ts";
import { errorResponse } from "../../src/authorize/response.ts";
import { AuthorizationError } from "../../src/interactions/target.ts";
import type { Deps } from "../../src/deps/deps.ts";
import { OAuthError } from "../../src/protocol/errors.ts";
import { noteRefusal } from "../../src/protocol/refusals.ts";
import { interactionUrl } from "../../src/interactions/interaction_url.ts";
import { renderProblem } from "./render_problem.ts";
import { authorizationResponse } from "./authorization_response.tsx";
import { restoreInteraction } from "./carried_requests.ts";
import type { AppEnv } from "./context.ts";
import { keepBrowser, readBrowser } from "./cookies.ts";
import { asOAuthError, errorAnswer, reportError } from "./error_answer.ts";
import { errorPage } from "./error_page.tsx";
import { incomingOf } from "./incoming.ts";
import { resume } from "./interaction.ts";
import { ownPath } from "./own_path.ts";
import { noteInterruptedForm } from "./refused_form.ts";

/** Renders every error that was thrown below a route, once: to the client, to the browser, or as JSON. */
export function renderError(deps: Deps) {
  return async (thrown: Error, c: Context<AppEnv>) => {
    const error = thrown instanceof SignInNeeded
      ? await askToSignIn(c, deps, thrown)
      : thrown instanceof InteractionGone && c.req.method === "GET"
      ? await openAgain(c, deps, thrown)
      : thrown;
    return error instanceof Response ? error : await render(error, c);
  };

  async function tellClient({ target, error }: AuthorizationError, c: Context<AppEnv>) {
    noteRefusal(error.reason, error.message);
    return await authorizationResponse(c, await errorResponse(deps, target, error));
  }

  async function render(failure: Error, c: Context<AppEnv>): Promise<Response> {
    const thrown = failure instanceof AuthorizationError
      ? await tellClient(failure, c).catch(unlessRefused)
      : failure;
    if (thrown instanceof Response) return thrown;
    const kind = c.get("endpoint")?.kind ?? "page";
    if (kind === "api") return await renderProblem(deps, thrown, c);
    const error = asOAuthError(thrown);
    if (kind === "page" && thrown instanceof RequestWentOn) return resume(c, thrown.interactionId);
    reportError(deps, incomingOf(c), thrown, error);
    if (kind === "page") {
      for (const [name, value] of Object.entries(error.headers)) c.header(name, value);
      return errorPage(c, deps, error);
    }
    const { status, body, headers } = await errorAnswer(deps, incomingOf(c), error, kind);
    for (const [name, value] of Object.entries(headers)) c.header(name, value);
    c.header("Content-Type", "application/json");
    return c.body(body, status as ContentfulStatusCode);
  }
}

/** What cannot be told to the client, as it has no key to encrypt it with, is shown to the user. */
function unlessRefused(error: unknown): Error {
  if (error instanceof OAuthError) return error;
  throw error;
}

/** @returns the redirect to the sign-in page, or the error that prevented it */
async function askToSignIn(
  c: Context<AppEnv>,
  deps: Deps,
  { page, maxAge, acr }: SignInNeeded,
): Promise<Response | Error> {
  try {
    const asked = { returnTo: page, maxAge, acr, askedAt: deps.clock.seconds() };
    const interactionId = await ownPageId(deps, await readBrowser(c, deps), asked);
    keepBrowser(c, deps, interactionId);
    await noteInterruptedForm(c, deps, page);
    c.header("Cache-Control", "no-store");
    return c.redirect(interactionUrl("/login", interactionId), 303);
  } catch (error) {
    return error instanceof Error ? error : new Error("not an error", { cause: error });
  }
}

/** @returns the same page, for a request that its browser has carried; otherwise the error */
async function openAgain(
  c: Context<AppEnv>,
  deps: Deps,
  gone: InteractionGone,
): Promise<Response | Error> {
  try {
    if (!await restoreInteraction(c, deps, gone)) return gone;
    c.header("Cache-Control", "no-store");
    return c.redirect(ownPath(new URL(c.req.url)), 303);
  } catch (error) {
    return error instanceof Error ? error : new Error("not an error", { cause: error });
  }
}
