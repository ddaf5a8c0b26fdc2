import type { Deps } from "../../src/deps/deps.ts";

/** The security headers of every answer. A page has a wider content security policy of its own. */
export function securityHeaders(deps: Pick<Deps, "config">): Record<string, string> {
  return {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    // With no-referrer browsers would send "Origin: null" with our own forms.
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "X-DNS-Prefetch-Control": "off",
    "X-Download-Options": "noopen",
    "X-Permitted-Cross-Domain-Policies": "none",
    "Origin-Agent-Cluster": "?1",
    ...(isHttps(deps) ? { "Strict-Transport-Security": hsts } : {}),
  };
}

const hsts = "max-age=31536000; includeSubDomains";

/** Whether the issuer is at an https address. */
export function isHttps({ config }: Pick<Deps, "config">): boolean {
  return config.issuer.startsWith("https:");
}

/** What a page of another origin may read of an answer. */
export const exposedHeaders = [
  "WWW-Authenticate",
  "DPoP-Nonce",
  "Retry-After",
  "RateLimit",
  "RateLimit-Policy",
  "X-Request-Id",
];

/** @see the Fetch standard, section 3.3 (CORS protocol) */
export const anyOriginHeaders = {
  "Access-Control-Allow-Origin": "*",
  "Access-Control-Expose-Headers": exposedHeaders.join(","),
};

/** What carries a token, or an error of one, is kept by nobody on the way. @see RFC 6749 section 5.1 */
export const noStoreHeaders = { "Cache-Control": "no-store", "Pragma": "no-cache" };
