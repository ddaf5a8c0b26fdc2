import { OAuthError } from "../protocol/errors.ts";

const challenge = 'Bearer realm="registration"';

/** The answer to a token that gives no access to a registration. @see RFC 7592 section 2, RFC 6750 section 3 */
export function wrongToken(description: string): OAuthError {
  return new OAuthError("invalid_token", description, {
    reason: "registration_token_wrong",
    headers: { "WWW-Authenticate": `${challenge}, error="invalid_token"` },
  });
}

/**
 * The answer to a request without a token, where one is needed, or with credentials of another scheme. The
 * challenge has no error code: nothing was wrong with a token.
 *
 * @see RFC 6750 section 3.1
 */
export function missingToken(): OAuthError {
  return new OAuthError("invalid_token", "the request has no token", {
    reason: "access_token_missing",
    headers: { "WWW-Authenticate": challenge },
  });
}
