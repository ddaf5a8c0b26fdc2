import { OAuthError, type RefusalReason } from "../../protocol/errors.ts";

/** A client that failed is told how to authenticate. @see RFC 6749 section 5.2 */
export const challenge = { "WWW-Authenticate": 'Basic realm="client", charset="UTF-8"' };

/** Keys are at most 256 characters of what comes from outside, so no client has a longer id. */
export function assertLength(clientId: string) {
  if (clientId.length <= 256 && clientId.length > 0) return;
  throw failed("client_unknown");
}

/** The one answer to whoever failed, so that nothing tells which client ids exist. */
export function failed(reason: RefusalReason): OAuthError {
  return new OAuthError("invalid_client", "client authentication failed", {
    headers: challenge,
    reason,
  });
}
