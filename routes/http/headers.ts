import { cors } from "hono/cors";
import { createMiddleware } from "hono/factory";
import { secureHeaders } from "hono/secure-headers";
import type { Deps } from "../../src/deps/deps.ts";
import type { AppEnv } from "./context.ts";
import { isHttps } from "./cookies.ts";

/** Headers of every answer. A page sets a wider content security policy of its own. */
export function securityHeaders(deps: Deps) {
  const common = secureHeaders({
    strictTransportSecurity: isHttps(deps) ? "max-age=31536000; includeSubDomains" : false,
    // With no-referrer browsers would send "Origin: null" with our own forms.
    referrerPolicy: "same-origin",
    xFrameOptions: "DENY",
    // Clients open us in a popup and wait for it.
    crossOriginOpenerPolicy: false,
    crossOriginResourcePolicy: false,
    xXssProtection: false,
  });
  return createMiddleware<AppEnv>(async (c, next) => {
    await common(c, next);
    const policy = c.res.headers.get("Content-Security-Policy");
    // It knows no origins but our own, and would override the policy of a page that may be framed.
    if (policy !== null && !policy.includes("frame-ancestors 'none'")) {
      c.res.headers.delete("X-Frame-Options");
    }
    if (policy !== null) return;
    c.res.headers.set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'");
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
  exposeHeaders: [
    "WWW-Authenticate",
    "DPoP-Nonce",
    "Retry-After",
    "RateLimit",
    "RateLimit-Policy",
    "X-Request-Id",
  ],
  maxAge: 3600,
});

/** What carries a token, or an error of one, is kept by nobody on the way. @see RFC 6749 section 5.1 */
export const noStore = createMiddleware<AppEnv>(async (c, next) => {
  await next();
  c.res.headers.set("Cache-Control", "no-store");
  c.res.headers.set("Pragma", "no-cache");
});
