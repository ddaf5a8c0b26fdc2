import type { Client } from "../../stores/clients.ts";
import type { Present } from "../../stores/engine/collection.ts";
import type { Grant } from "../../stores/grants.ts";
import type { Provider } from "../../stores/provider.ts";
import type { Transaction } from "../../stores/engine/transaction.ts";
import type { User } from "../../stores/users.ts";
import { parseClaimsRequest } from "../protocol/claims_request.ts";
import { toBase64url, utf8 } from "../crypto/encoding.ts";
import type { Deps } from "../deps/deps.ts";
import { claimsFor } from "../claims/claims.ts";

/**
 * Signs an ID token. @see OpenID Connect Core sections 2 and 3.1.3.6
 *
 * @param nonce of the authorization request; a refreshed ID token has none (section 12.2)
 */
export async function signIdToken(
  deps: Deps,
  tx: Transaction,
  { client, grant, user, provider, subject, nonce, accessToken }: {
    readonly client: Client;
    readonly grant: Grant;
    readonly user: Present<User>;
    readonly provider: Provider;
    readonly subject: string;
    readonly nonce: string | null;
    readonly accessToken: string;
  },
): Promise<string> {
  const claims = {
    // What the person is called comes first, so that nothing can stand in for what follows.
    ...claimsFor(user, grant.scope, parseClaimsRequest(grant.claims), "id_token"),
    iss: deps.config.issuer,
    sub: subject,
    aud: client.clientId,
    azp: client.clientId,
    iat: tx.now,
    exp: tx.now + deps.config.lifetimes.idToken,
    auth_time: grant.authTime,
    acr: grant.acr,
    amr: grant.amr,
    sid: grant.sid,
    at_hash: await accessTokenHash(client.idTokenSignedResponseAlg, accessToken),
    ...(nonce === null ? {} : { nonce }),
  };
  const { jwt } = await deps.signer.sign(provider, client.idTokenSignedResponseAlg, claims);
  return jwt;
}

/** The left half of the hash that the signature uses; Ed25519 signs with SHA-512. */
async function accessTokenHash(alg: string, accessToken: string): Promise<string> {
  const hash = alg === "EdDSA" ? "SHA-512" : "SHA-256";
  const bytes = new Uint8Array(await crypto.subtle.digest(hash, utf8(accessToken)));
  return toBase64url(bytes.slice(0, bytes.length / 2));
}
