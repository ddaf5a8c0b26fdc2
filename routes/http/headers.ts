import { cors } from "hono/cors";
import { createMiddleware } from "hono/factory";
import type { Deps } from "../../src/deps/deps.ts";
import type { AppEnv } from "./context.ts";
import { exposedHeaders, noStoreHeaders, securityHeaders } from "./fixed_headers.ts";

/** Gives every answer its security headers. A page sets a wider content security policy of its own. */
export function securedAnswers(deps: Deps) {
  const { "Content-Security-Policy": narrowPolicy = "", ...others } = securityHeaders(deps);
  return createMiddleware<AppEnv>(async (c, next) => {
    await next();
    const { headers } = c.res;
    for (const [name, value] of Object.entries(others)) headers.set(name, value);
    const policy = headers.get("Content-Security-Policy");
    if (policy === null) headers.set("Content-Security-Policy", narrowPolicy);
    // It knows no origins but our own, and would override the policy of a page that may be framed.
    else if (!policy.includes("frame-ancestors 'none'")) headers.delete("X-Frame-Options");
  });
}

/**
 * Any page may call these, but never with a cookie. So a list of headers would protect nothing, and only
 * keep out clients whose fetch adds one (traceparent, MCP-Protocol-Version): all that are asked for are
 * allowed.
 */
export const anyOrigin = cors({
  origin: "*",
  allowMethods: ["GET", "HEAD", "POST"],
  exposeHeaders: exposedHeaders,
  maxAge: 3600,
});

/** Forbids to store an answer. */
export const noStore = createMiddleware<AppEnv>(async (c, next) => {
  await next();
  for (const [name, value] of Object.entries(noStoreHeaders)) c.res.headers.set(name, value);
});
