import { cors } from "hono/cors";
import { createMiddleware } from "hono/factory";
import type { Deps } from "../../src/deps/deps.ts";
import type { AppEnv } from "./context.ts";
import {
  documentHeaders,
  exposedHeaders,
  noStoreHeaders,
  securityHeaders,
} from "./fixed_headers.ts";

/** Adds the security headers to every answer. A page sets its own, wider content security policy. */
export function securedAnswers(deps: Deps) {
  const { "Content-Security-Policy": narrowPolicy = "", ...others } = {
    ...securityHeaders(deps),
    ...documentHeaders,
  };
  return createMiddleware<AppEnv>(async (c, next) => {
    await next();
    const { headers } = c.res;
    for (const [name, value] of Object.entries(others)) headers.set(name, value);
    const policy = headers.get("Content-Security-Policy");
    if (policy === null) headers.set("Content-Security-Policy", narrowPolicy);
    // This header cannot name other origins, and would override the policy of a page that may be
    // framed.
    else if (!policy.includes("frame-ancestors 'none'")) headers.delete("X-Frame-Options");
  });
}

/**
 * Any page may call these endpoints, but never with a cookie. So a list of allowed headers would
 * protect nothing. It would only keep out clients whose fetch adds a header (traceparent,
 * MCP-Protocol-Version). All requested headers are allowed.
 */
export const anyOrigin = cors({
  origin: "*",
  allowMethods: ["GET", "HEAD", "POST", "PUT", "DELETE"],
  exposeHeaders: exposedHeaders,
  maxAge: 3600,
});

/** Forbids caches to store an answer. */
export const noStore = createMiddleware<AppEnv>(async (c, next) => {
  await next();
  for (const [name, value] of Object.entries(noStoreHeaders)) c.res.headers.set(name, value);
});
