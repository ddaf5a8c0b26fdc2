import { OAuthError } from "../../src/protocol/errors.ts";
import { challengeAlgs } from "../../src/tokens/dpop_algorithms.ts";
import { readForm, readQuery, single } from "./form.ts";

/** The access token of a request. */
export interface PresentedAccessToken {
  readonly accessToken: string;
  /** A token that is bound to a key is never accepted as a bearer token. @see RFC 9449 section 7.2 */
  readonly scheme: "Bearer" | "DPoP";
}

/** Tells a client how it can authenticate here. @see RFC 6750 section 3, RFC 9449 section 7.1 */
const challenge = `Bearer realm="userinfo", DPoP ${challengeAlgs}`;

/**
 * The access token of a request to a protected resource, from its header or its form.
 *
 * @throws {OAuthError} `invalid_token` without one, `invalid_request` with two, or one in the query
 * @see RFC 6750 section 2
 */
export async function presentedAccessToken(request: Request): Promise<PresentedAccessToken> {
  if (readQuery(request).access_token !== undefined) {
    // URLs end up in logs and histories (RFC 9700 section 4.3.2).
    throw new OAuthError("invalid_request", "access_token must not be in the URL");
  }
  const header = request.headers.get("authorization");
  const isForm = request.method === "POST" &&
    /^application\/x-www-form-urlencoded\b/i.test(request.headers.get("content-type") ?? "");
  const inForm = isForm ? single(await readForm(request), "access_token") : undefined;
  if (header !== null && inForm !== undefined) {
    throw new OAuthError("invalid_request", "send the access token in only one place");
  }
  if (inForm !== undefined) return { accessToken: inForm, scheme: "Bearer" };
  const [, scheme, accessToken] = /^(Bearer|DPoP) +([A-Za-z0-9._~+/-]+=*)$/i.exec(header ?? "") ??
    [];
  if (scheme !== undefined && accessToken !== undefined) {
    return { accessToken, scheme: scheme.toLowerCase() === "dpop" ? "DPoP" : "Bearer" };
  }
  throw new OAuthError("invalid_token", "the request carries no access token", {
    reason: "access_token_missing",
    ...(isTokenScheme(header) ? {} : { headers: { "WWW-Authenticate": challenge } }),
  });
}

/**
 * Whether an `Authorization` header is of a scheme for access tokens. A request without one, or with a
 * scheme that is not supported here, is told the methods, and no error code.
 *
 * @see RFC 6750 section 3.1
 */
export function isTokenScheme(header: string | null): boolean {
  return /^(?:Bearer|DPoP)(?: |$)/i.test(header ?? "");
}
