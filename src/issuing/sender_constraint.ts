import type { Confirmation } from "../../stores/confirmation.ts";
import type { Caller } from "../callers/caller.ts";
import { mustBindTokens } from "../clients/profile.ts";
import { OAuthError } from "../protocol/errors.ts";
import { type Binding, bindingOf, holds } from "../tokens/confirmation.ts";

/**
 * Checks that a token request uses the keys that it is bound to, and those that the client's tokens must be
 * bound to.
 *
 * @param bound the keys that what the request came from is bound to, such as a code, a refresh token or a
 *   subject token; null: any key, or none
 * @returns what the new tokens are bound to
 * @throws {OAuthError} `invalid_dpop_proof` if a required proof is missing; `invalid_request` for a missing
 *   certificate; `invalid_grant` for another key or certificate
 * @see RFC 9449 sections 5, 5.2 and 10, RFC 8705 sections 3.4 and 4
 */
export function assertSender(caller: Caller, bound: Confirmation | null): Binding {
  const { client, proof, certificate } = caller;
  const byCertificate = client.tlsClientCertificateBoundAccessTokens;
  // A client whose profile wants a key, whichever, may have the certificate alone.
  const needsProof = client.dpopBoundAccessTokens || (mustBindTokens(client) && !byCertificate);
  if (proof === null && (bound?.jkt !== undefined || needsProof)) {
    throw new OAuthError("invalid_dpop_proof", "the request needs a DPoP proof");
  }
  if (certificate === null && (byCertificate || bound?.["x5t#S256"] !== undefined)) {
    throw new OAuthError("invalid_request", "the request needs a client certificate", {
      reason: "client_certificate_missing",
    });
  }
  if (!holds(caller, bound)) {
    const description = "the DPoP proof or the certificate is of another key";
    throw new OAuthError("invalid_grant", description, { reason: "key_wrong" });
  }
  return bindingOf(caller, bound);
}
