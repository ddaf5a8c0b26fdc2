import { OAuthError, type RefusalReason } from "../protocol/errors.ts";

/** The answer to a token that gives no access to a registration. @see RFC 7592 section 2, RFC 6750 section 3 */
export function wrongToken(
  description: string,
  reason: RefusalReason = "registration_token_wrong",
): OAuthError {
  return new OAuthError("invalid_token", description, {
    reason,
    headers: { "WWW-Authenticate": 'Bearer realm="registration", error="invalid_token"' },
  });
}
