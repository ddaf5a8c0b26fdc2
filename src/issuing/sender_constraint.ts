import type { Confirmation } from "../../stores/confirmation.ts";
import type { Caller } from "../callers/caller.ts";
import { mustBindTokens } from "../clients/profile.ts";
import { OAuthError } from "../protocol/errors.ts";
import { confirms } from "../tokens/confirmation.ts";

/**
 * Checks that a token request uses the key that it is bound to.
 *
 * @param bound the key that a code or a refresh token remembers; null: any key, or none
 * @throws {OAuthError} `invalid_dpop_proof` if a required proof is missing; `invalid_grant` for
 *   another key
 * @see RFC 9449 sections 5, 5.2 and 10
 */
export function assertSender(
  { client, proof }: Caller,
  bound: Confirmation | null,
) {
  if (proof === null) {
    if (bound === null && !mustBindTokens(client)) return;
    throw new OAuthError("invalid_dpop_proof", "the request needs a DPoP proof");
  }
  if (bound !== null && !confirms(proof, bound)) {
    throw new OAuthError("invalid_grant", "the DPoP proof was made with another key", {
      reason: "key_wrong",
    });
  }
}
