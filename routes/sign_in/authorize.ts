import type { Context } from "hono";
import { authorize, keepPostedRequest } from "../../src/authorize/authorize.ts";
import type { AuthorizeAnswer } from "../../src/authorize/response.ts";
import { refusalOf } from "../../src/authorize/refuse.ts";
import { resumeAuthorization } from "../../src/authorize/resume.ts";
import type { Deps } from "../../src/deps/deps.ts";
import { reserveRoute } from "../../src/limits/route.ts";
import { tooManyRequests } from "../../src/limits/too_many_requests.ts";
import { readyClient } from "../http/client_document.ts";
import type { RawParameters } from "../../src/protocol/parameters.ts";
import { interactionUrl } from "../../src/interactions/interaction_url.ts";
import { type Pages, pages } from "../endpoint.ts";
import { authorizationResponse } from "../http/authorization_response.tsx";
import { carryRequest, dropRequest } from "../http/carried_requests.ts";
import type { AppEnv } from "../http/context.ts";
import { keepBrowser, keepBrowserState, readBrowser, readSession } from "../http/cookies.ts";
import { type Parameters, readQuery, readRepeatableForm, single } from "../http/form.ts";
import { interactionParameter } from "../http/interaction.ts";
import { storesForStranger, tellRateLimit } from "../http/rate_limit.ts";

/** The authorization endpoint. @see RFC 6749 section 3.1, OpenID Connect Core section 3.1.2 */
export function authorizeRoutes(deps: Deps): Pages {
  return pages()
    .get("/authorize", async (c) => {
      const parameters = readQuery(c.req.raw);
      await countRequest(c, deps, parameters);
      await readyClientOf(c, deps, parameters);
      const answer = await authorize(deps, {
        origin: c.get("origin"),
        parameters,
        session: await readSession(c, deps),
        browserDigest: await readBrowser(c, deps),
      });
      return respond(c, deps, answer);
    }, {
      counted: "by handler",
      storesForStrangers: true,
    })
    .crossSitePost("/authorize", async (c) => {
      const parameters = await readRepeatableForm(c.req.raw);
      await countRequest(c, deps, parameters);
      await readyClientOf(c, deps, parameters);
      return respond(
        c,
        deps,
        await keepPostedRequest(deps, { origin: c.get("origin"), parameters }),
      );
    }, { counted: "by handler", storesForStrangers: true })
    .get("/authorize/resume", async (c) => {
      const interactionId = interactionParameter(readQuery(c.req.raw));
      const answer = await resumeAuthorization(deps, {
        origin: c.get("origin"),
        interactionId,
        session: await readSession(c, deps),
        browserDigest: await readBrowser(c, deps, interactionId),
        answer: null,
      });
      return respond(c, deps, answer, interactionId);
    });
}

/** @throws the error for a request past the limit of its address */
async function countRequest(c: Context<AppEnv>, deps: Deps, parameters: RawParameters) {
  const reservation = await reserveRoute(deps, c.get("origin"), "/authorize", {
    storesForStranger: !isSilent(c.req.raw) && await storesForStranger(c, deps),
  });
  tellRateLimit(c, reservation);
  if (reservation.passed) return;
  const isFramed = /^i?frame$/.test(c.req.header("sec-fetch-dest") ?? "");
  const isSignedIn = await readSession(c, deps) !== null;
  const error = tooManyRequests(reservation);
  throw await refusalOf(deps, { parameters, isFramed, isSignedIn, error });
}

/**
 * Whether a request is answered at once, and stores nothing: applications send such requests for all
 * visitors. The parameters of a request object or of a pushed request are not in the URL, and those that are
 * there beside it do not count.
 *
 * @see RFC 9101 section 5, RFC 9126 section 4
 */
function isSilent(request: Request): boolean {
  if (request.method !== "GET") return false;
  const { prompt, request: object, request_uri: reference } = readQuery(request);
  return prompt === "none" && object === undefined && reference === undefined;
}

/** Reads the client's document, if its id is the URL of one. Only after the request was counted. */
async function readyClientOf(c: Context<AppEnv>, deps: Deps, parameters: Parameters) {
  const clientId = single(parameters, "client_id") ?? null;
  await readyClient(deps, c.get("origin"), clientId, { beginsFlow: true });
}

/**
 * Redirects the browser to the client, or to the page that comes first.
 *
 * @param resumed the id of the interaction that is answered, if there was one
 */
export async function respond(
  c: Context<AppEnv>,
  deps: Deps,
  answer: AuthorizeAnswer,
  resumed: string | null = null,
) {
  if (answer.kind !== "page" && resumed !== null) await dropRequest(c, deps, resumed);
  if (answer.kind === "response") {
    const session = await readSession(c, deps);
    if (session !== null) keepBrowserState(c, deps, session.sessionId);
    return authorizationResponse(c, answer);
  }
  c.header("Cache-Control", "no-store");
  if (answer.kind === "own_page") return c.redirect(answer.path, 303);
  if (answer.carried !== null) await carryRequest(c, deps, answer.carried);
  keepBrowser(c, deps, answer.interactionId);
  const path = {
    login: "/login",
    sign_up: "/sign-up",
    consent: "/consent",
    device: "/device/confirm",
    resume: "/authorize/resume",
  }[answer.page];
  return c.redirect(interactionUrl(path, answer.interactionId), 303);
}
