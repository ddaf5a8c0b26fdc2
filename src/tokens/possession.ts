import type { AccessToken } from "../../stores/access_tokens.ts";
import type { Transaction } from "../../stores/engine/transaction.ts";
import type { Deps } from "../deps/deps.ts";
import { OAuthError } from "../protocol/errors.ts";
import type { ClientCertificate } from "../certificates/client_certificate.ts";
import type { PresentedCertificate } from "../certificates/presented_certificate.ts";
import { confirms, type Possession } from "./confirmation.ts";
import { type PresentedProof, spendProof, verifyProof } from "./dpop.ts";

/** How a request to a protected resource shows its token. */
export interface TokenPresentation {
  readonly accessToken: string;
  readonly scheme: "Bearer" | "DPoP";
  readonly proof: PresentedProof | null;
  /** That of the connection. */
  readonly certificate: PresentedCertificate | null;
}

/** Verifies the proof and the certificate that come with a token, if they do. @throws {OAuthError} */
export async function verifiedPresentation(
  deps: Deps,
  { accessToken, scheme, proof, certificate }: TokenPresentation,
): Promise<Possession> {
  const read = certificate && await validCertificate(deps, certificate, "invalid_token");
  if (scheme === "Bearer") return { proof: null, certificate: read };
  if (proof === null) throw new OAuthError("invalid_dpop_proof", "the DPoP header is missing");
  return { proof: await verifyProof(deps, proof, accessToken), certificate: read };
}

/**
 * The certificate of a request's connection, if it can be read and is valid now. Few servers need it.
 *
 * @throws {OAuthError} with the code of the endpoint for credentials that are wrong
 */
export async function validCertificate(
  { clock }: Pick<Deps, "clock">,
  presented: PresentedCertificate,
  code: "invalid_client" | "invalid_token",
): Promise<ClientCertificate> {
  const { clientCertificate } = await import("../certificates/client_certificate.ts");
  return await clientCertificate(presented, clock.seconds(), code);
}

/**
 * Holds a token to the keys that it is bound to, and spends the proof in a commit of its own.
 *
 * @throws {OAuthError} `invalid_token` for a bound token without a proof of its key or without its
 *   certificate, and for a proof of a bearer token: what was stolen is of no use as a bearer token
 * @see RFC 9449 section 7, RFC 8705 section 3
 */
export async function assertPossession(
  tx: Transaction,
  token: AccessToken,
  possession: Possession,
) {
  if (!confirms(possession, token.confirmation)) {
    const description = "the access token and the proof or certificate do not belong together";
    throw new OAuthError("invalid_token", description, { reason: "key_wrong" });
  }
  const { proof } = possession;
  if (proof !== null) await spendProof(tx, proof, token.clientId);
}
