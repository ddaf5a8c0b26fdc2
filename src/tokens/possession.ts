import type { AccessToken } from "../../stores/access_tokens.ts";
import type { Transaction } from "../../stores/engine/transaction.ts";
import type { Deps } from "../deps/deps.ts";
import { OAuthError } from "../protocol/errors.ts";
import { confirms } from "./confirmation.ts";
import { type PresentedProof, spendProof, type VerifiedProof, verifyProof } from "./dpop.ts";

/** How a request to a protected resource shows its token. */
export interface TokenPresentation {
  readonly accessToken: string;
  readonly scheme: "Bearer" | "DPoP";
  readonly proof: PresentedProof | null;
}

/** Verifies the proof that comes with a token, if it comes with one. @throws {OAuthError} */
export async function verifiedPresentation(
  deps: Deps,
  { accessToken, scheme, proof }: TokenPresentation,
): Promise<VerifiedProof | null> {
  if (scheme === "Bearer") return null;
  if (proof === null) throw new OAuthError("invalid_dpop_proof", "the DPoP header is missing");
  return await verifyProof(deps, proof, accessToken);
}

/**
 * Holds a token to the key that it is bound to, and spends the proof in a commit of its own.
 *
 * @throws {OAuthError} `invalid_token` for a bound token without a proof of its key, and the other
 *   way round: what was stolen is of no use as a bearer token
 * @see RFC 9449 section 7
 */
export async function assertPossession(
  tx: Transaction,
  token: AccessToken,
  proof: VerifiedProof | null,
) {
  if (!confirms(proof, token.confirmation)) {
    throw new OAuthError("invalid_token", "the access token and the proof do not belong together", {
      reason: "key_wrong",
    });
  }
  if (proof !== null) await spendProof(tx, proof, token.clientId);
}
