import type { MiddlewareHandler } from "hono";
import { createMiddleware } from "hono/factory";
import { noteRefusal } from "../../src/protocol/refusals.ts";
import type { AppEnv } from "./context.ts";
import { situationPage } from "./situation_page.tsx";

/**
 * Prevents that the GET of a page runs before the user opens the page. Browsers prefetch links before a
 * click, and previews and link checkers send HEAD. A GET of ours can sign a user out, issue a code, or
 * use up a request.
 *
 * @see RFC 9110 section 9.2.1; W3C Speculation Rules (Sec-Purpose), section "server handling": an
 *   answer with an error is fetched again at the click
 */
export const openedAhead = createMiddleware<AppEnv>(async (c, next) => {
  if (c.req.method === "HEAD") {
    c.header("Cache-Control", "no-store");
    return c.body(null, 200);
  }
  if (c.req.method !== "GET" || !isAhead(c.req.raw.headers)) return await next();
  const answer = await situationPage(c, "opened_ahead", 403);
  noteRefusal("opened_ahead");
  return answer;
});

/** Skips a middleware that changes something for the user, such as the language, for such requests. */
export function unlessAhead(middleware: MiddlewareHandler<AppEnv>): MiddlewareHandler<AppEnv> {
  return async (c, next) => {
    const isRun = c.req.method !== "HEAD" && !isAhead(c.req.raw.headers);
    return isRun ? await middleware(c, next) : await next();
  };
}

/** The headers of Chromium, of earlier browsers, of Firefox, and of Safari. */
const headers = ["sec-purpose", "purpose", "x-moz", "x-purpose"];

function isAhead(sent: Headers): boolean {
  return headers.some((name) => /prefetch|prerender|preview/i.test(sent.get(name) ?? ""));
}
