import type { Deps } from "../../src/deps/deps.ts";

/** The security headers of every answer. A page has its own, wider content security policy. */
export function securityHeaders(deps: Pick<Deps, "config">): Record<string, string> {
  return {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    ...(isHttps(deps) ? { "Strict-Transport-Security": hsts } : {}),
  };
}

/**
 * Further ones of what a browser may show as a document. The answers to programs are JSON, which has no
 * links, and which the content security policy keeps out of frames. Each header costs such an answer about
 * a microsecond. Deno also sends a body by a system call of its own, unless 512 bytes hold it and all headers.
 */
export const documentHeaders = {
  // With no-referrer, browsers would send "Origin: null" with our own forms.
  "Referrer-Policy": "same-origin",
  "X-Frame-Options": "DENY",
  "X-DNS-Prefetch-Control": "off",
  "X-Download-Options": "noopen",
  "X-Permitted-Cross-Domain-Policies": "none",
  "Origin-Agent-Cluster": "?1",
};

const hsts = "max-age=31536000; includeSubDomains";

/** Whether the issuer has an https URL. */
export function isHttps({ config }: Pick<Deps, "config">): boolean {
  return config.issuer.startsWith("https:");
}

/** The headers of an answer that a page of another origin may read. */
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

/** An answer with a token, or with an error about one, must not be cached. @see RFC 6749 section 5.1 */
export const noStoreHeaders = { "Cache-Control": "no-store", "Pragma": "no-cache" };
