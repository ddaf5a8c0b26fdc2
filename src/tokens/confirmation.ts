import type { Client } from "../../stores/clients.ts";
import type { Confirmation } from "../../stores/confirmation.ts";
import type { ClientCertificate } from "../certificates/client_certificate.ts";
import { constantTimeEqual } from "../crypto/constant_time.ts";
import type { VerifiedProof } from "./dpop.ts";

/** The keys whose possession a request has proved. */
export interface Possession {
  readonly proof: VerifiedProof | null;
  /** That of its connection. */
  readonly certificate: ClientCertificate | null;
}

declare const checked: unique symbol;

/**
 * What the tokens of a request are bound to, with all that the request came from was bound to. Only
 * `assertSender` makes one for a token request, so that no binding is lost on the way.
 */
export interface Binding {
  /** Null: to nothing. */
  readonly confirmation: Confirmation | null;
  readonly [checked]: true;
}

/** For what goes through the browser to a redirect URI: nobody proves a key there. */
export const unbound = { confirmation: null } as Binding;

/**
 * The binding of a request that has the keys of what it came from (`holds`). A proof always binds. A
 * certificate binds if that was bound to it, or if the client is registered for it: otherwise it may just be
 * how the client authenticates.
 *
 * @see RFC 9449 section 5, RFC 8705 section 3.4
 */
export function bindingOf(
  { client, proof, certificate }: Possession & {
    readonly client: Pick<Client, "tlsClientCertificateBoundAccessTokens">;
  },
  bound: Confirmation | null,
): Binding {
  const byCertificate = client.tlsClientCertificateBoundAccessTokens ||
    bound?.["x5t#S256"] !== undefined;
  const boundTo = byCertificate ? certificate : null;
  if (proof === null && boundTo === null) return unbound;
  return {
    confirmation: {
      ...(proof && { jkt: proof.keyThumbprint }),
      ...(boundTo && { "x5t#S256": boundTo.thumbprint }),
    },
  } as Binding;
}

/**
 * Whether a request has the keys that something is bound to. Without a binding to a DPoP key there must be
 * no proof, but any certificate is good: connections have them for other reasons.
 */
export function confirms(possession: Possession, bound: Confirmation | null): boolean {
  return (possession.proof === null) === (bound?.jkt === undefined) && holds(possession, bound);
}

/** Whether a request has the keys that something is bound to. It may have others beside them. */
export function holds({ proof, certificate }: Possession, bound: Confirmation | null): boolean {
  const { jkt, "x5t#S256": thumbprint } = bound ?? {};
  return (jkt === undefined || constantTimeEqual(proof?.keyThumbprint ?? "", jkt)) &&
    (thumbprint === undefined || constantTimeEqual(certificate?.thumbprint ?? "", thumbprint));
}

/** How a token is shown. @see RFC 9449 section 5, RFC 8705 section 3 */
export function tokenTypeOf(confirmation: Confirmation | null): "Bearer" | "DPoP" {
  return confirmation?.jkt === undefined ? "Bearer" : "DPoP";
}
