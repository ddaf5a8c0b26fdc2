import type { Origin } from "../../stores/engine/transaction.ts";
import type { PresentedCredentials } from "../clients/credentials.ts";
import type { VerifiedProof } from "../tokens/dpop.ts";

/** A request at the token endpoint. */
export interface TokenRequest {
  readonly origin: Origin;
  /** No parameter comes twice, except `resource`. */
  readonly form: Readonly<Record<string, string | string[]>>;
  readonly credentials: PresentedCredentials;
  /** A verified DPoP proof, which the exchange has yet to spend. */
  readonly proof: VerifiedProof | null;
}

/** @see RFC 6749 section 5.1, OpenID Connect Core section 3.1.3.3 */
export interface TokenResponse {
  readonly access_token: string;
  readonly token_type: "Bearer" | "DPoP";
  /** Seconds. */
  readonly expires_in: number;
  readonly scope: string;
  readonly refresh_token?: string;
  readonly id_token?: string;
}
