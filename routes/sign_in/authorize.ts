import type { Context } from "hono";
import { authorize, keepPostedRequest } from "../../src/authorize/authorize.ts";
import type { AuthorizeAnswer } from "../../src/authorize/response.ts";
import { resumeAuthorization } from "../../src/authorize/resume.ts";
import type { Deps } from "../../src/deps/deps.ts";
import { type Pages, pages } from "../endpoint.ts";
import { authorizationResponse } from "../http/authorization_response.tsx";
import type { AppEnv } from "../http/context.ts";
import { keepBrowser, readBrowser, readSession } from "../http/cookies.ts";
import { readQuery, readRepeatableForm } from "../http/form.ts";
import { interactionParameter } from "../http/interaction.ts";

/** The authorization endpoint. @see RFC 6749 section 3.1, OpenID Connect Core section 3.1.2 */
export function authorizeRoutes(deps: Deps): Pages {
  return pages()
    .get("/authorize", async (c) => {
      const answer = await authorize(deps, {
        origin: c.get("origin"),
        parameters: readQuery(c.req.raw),
        session: await readSession(c, deps),
        browserDigest: await readBrowser(c, deps),
      });
      return respond(c, deps, answer);
    }, { metadata: "authorization_endpoint" })
    .crossSitePost("/authorize", async (c) => {
      const parameters = await readRepeatableForm(c.req.raw);
      return respond(
        c,
        deps,
        await keepPostedRequest(deps, { origin: c.get("origin"), parameters }),
      );
    })
    .get("/authorize/resume", async (c) => {
      const interactionId = interactionParameter(readQuery(c.req.raw));
      const answer = await resumeAuthorization(deps, {
        origin: c.get("origin"),
        interactionId,
        session: await readSession(c, deps),
        browserDigest: await readBrowser(c, deps, interactionId),
        answer: null,
      });
      return respond(c, deps, answer);
    });
}

/** Sends the browser on: to the client, or to the page that comes first. */
export function respond(c: Context<AppEnv>, deps: Deps, answer: AuthorizeAnswer) {
  if (answer.kind === "response") return authorizationResponse(c, answer);
  c.header("Cache-Control", "no-store");
  if (answer.kind === "own_page") return c.redirect(answer.path, 303);
  keepBrowser(c, deps, answer.interactionId);
  const path = {
    login: "/login",
    sign_up: "/sign-up",
    consent: "/consent",
    resume: "/authorize/resume",
  }[answer.page];
  return c.redirect(`${path}?interaction=${answer.interactionId}`, 303);
}
