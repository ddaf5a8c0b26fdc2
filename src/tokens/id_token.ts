import { createHash } from "node:crypto";
import type { Client } from "../../stores/clients.ts";
import type { Present } from "../../stores/engine/collection.ts";
import type { Grant } from "../../stores/grants.ts";
import type { Provider, SigningAlgorithm } from "../../stores/provider.ts";
import { scopeAt } from "../../stores/resource_scopes.ts";
import type { Transaction } from "../../stores/engine/transaction.ts";
import type { User } from "../../stores/users.ts";
import { toBase64url } from "../crypto/encoding.ts";
import { signingAlgorithm } from "../clients/profile.ts";
import type { Deps } from "../deps/deps.ts";
import { claimsFor, type Told } from "../claims/claims.ts";
import { sidFor } from "../claims/session_id.ts";
import type { Grantable } from "../grantable/grantable.ts";
import { signatureHashes } from "../keys/signature_hashes.ts";

/**
 * Signs an ID token, and encrypts it if the client wants that. @see OpenID Connect Core sections 2 and
 *   3.1.3.6
 *
 * @param nonce of the authorization request; a refreshed ID token has none (section 12.2)
 */
export async function signIdToken(
  deps: Deps,
  tx: Transaction,
  {
    client,
    grantId,
    grant,
    granted,
    user,
    provider,
    subject,
    nonce,
    accessToken,
    code,
    state = null,
    isAlone,
    dsHash = null,
  }: {
    readonly client: Client;
    readonly grantId: string;
    readonly grant: Grant;
    /** The part of the grant that the client gets now. */
    readonly granted: Grantable;
    readonly user: Present<User>;
    readonly provider: Provider;
    readonly subject: string;
    readonly nonce: string | null;
    /** Issued together with it; null: none. */
    readonly accessToken: string | null;
    /** Of the same answer; null: none, as at the token endpoint. */
    readonly code: string | null;
    /**
     * Of the authorization request that this answers, through the browser; null: none. The signature then
     * shows that nobody has exchanged it. @see Financial-grade API part 2 section 5.1.1
     */
    readonly state?: string | null;
    /** Whether the client gets nothing but the ID token. */
    readonly isAlone: boolean;
    /** Of the device secret beside it. @see OpenID Connect Native SSO section 3.4.1 */
    readonly dsHash?: string | null;
  },
): Promise<string> {
  const alg = signingAlgorithm(client);
  const claims = {
    // The claims about the user come first, so that none of them can replace a claim of the protocol.
    ...claimsFor(client, user, provider, told(client, granted, isAlone)),
    iss: deps.config.issuer,
    sub: subject,
    aud: client.clientId,
    azp: client.clientId,
    // It leads to the grant, so that a client that hands it back is refused once the grant has ended.
    jti: `${grantId}.${tx.ids.tokenId()}`,
    iat: tx.now,
    exp: tx.now + deps.config.lifetimes.idToken,
    auth_time: grant.authTime,
    acr: grant.acr,
    amr: grant.amr,
    sid: grant.sid === null ? null : await sidFor(deps, client, grant.sid),
    ...(accessToken === null ? {} : { at_hash: halfHash(alg, accessToken) }),
    ...(code === null ? {} : { c_hash: halfHash(alg, code) }),
    ...(state === null ? {} : { s_hash: halfHash(alg, state) }),
    ...(dsHash === null ? {} : { ds_hash: dsHash }),
    ...(nonce === null ? {} : { nonce }),
  };
  const { jwt } = await deps.signer.sign(provider, alg, claims);
  return await encryptedAsIdToken(tx, client, jwt);
}

/**
 * A signed JWT, encrypted as its client wants its ID tokens.
 *
 * @param replicated claims that its header shows too
 * @throws {OAuthError} if the client has no key to encrypt with
 * @throws {ClientKeysNeeded} `clientStep` handles it
 */
export async function encryptedAsIdToken(
  tx: Transaction,
  client: Client,
  jwt: string,
  replicated: { readonly iss?: string } = {},
): Promise<string> {
  const { idTokenEncryptedResponseAlg: alg, idTokenEncryptedResponseEnc: enc } = client;
  if (alg === null) return jwt;
  const { encryptedFor } = await import("./encryption.ts"); // few clients want it
  return await encryptedFor(tx, client, { alg, enc }, { jwt, replicated });
}

/** The claims of the scope are at userinfo, unless the client reads or gets nothing but ID tokens. */
function told(client: Client, { claims, resourceScopes }: Grantable, isAlone: boolean): Told {
  const here = client.idTokenScopeClaims || isAlone;
  return {
    scope: here ? scopeAt(resourceScopes, null) : [],
    names: claims.idToken,
    values: claims.values?.idToken,
  };
}

/** The left half of the hash that the signature uses. @see OpenID Connect Core section 3.1.3.6 */
function halfHash(alg: SigningAlgorithm, text: string): string {
  const hash = createHash(signatureHashes[alg]).update(text).digest();
  return toBase64url(hash.subarray(0, hash.length / 2));
}
