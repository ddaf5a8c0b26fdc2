import type { Caller } from "../callers/caller.ts";
import { constantTimeEqual } from "../crypto/constant_time.ts";
import { OAuthError } from "../protocol/errors.ts";

/**
 * Holds a token request to the key that it is bound to.
 *
 * @param boundTo the thumbprint that a code or a refresh token remembers; null: any key, or none
 * @throws {OAuthError} `invalid_dpop_proof` without a proof that must be there; `invalid_grant` for
 *   another key
 * @see RFC 9449 sections 5, 5.2 and 10
 */
export function assertSender(
  { client, proof }: Caller,
  boundTo: string | null,
) {
  if (proof === null) {
    if (boundTo === null && !client.dpopBoundAccessTokens) return;
    throw new OAuthError("invalid_dpop_proof", "the request needs a DPoP proof");
  }
  if (boundTo !== null && !constantTimeEqual(boundTo, proof.keyThumbprint)) {
    throw new OAuthError("invalid_grant", "the DPoP proof is of another key", {
      reason: "key_wrong",
    });
  }
}
