import type { Confirmation } from "../../stores/confirmation.ts";
import { constantTimeEqual } from "../crypto/constant_time.ts";
import type { VerifiedProof } from "./dpop.ts";

/** What a request binds its tokens to; null: nothing. */
export function confirmationOf(proof: VerifiedProof | null): Confirmation | null {
  return proof && { jkt: proof.keyThumbprint };
}

/** Whether a proof is of what something is bound to; where it is bound to nothing, whether there is none. */
export function confirms(proof: VerifiedProof | null, bound: Confirmation | null): boolean {
  if (proof === null || bound === null) return proof === null && bound === null;
  return constantTimeEqual(proof.keyThumbprint, bound.jkt);
}

/** How a token is shown. @see RFC 9449 section 5 */
export function tokenTypeOf(confirmation: Confirmation | null): "Bearer" | "DPoP" {
  return confirmation === null ? "Bearer" : "DPoP";
}
