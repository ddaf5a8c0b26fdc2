import type { Client } from "../../stores/clients.ts";
import type { Provider } from "../../stores/provider.ts";
import type { Transaction } from "../../stores/engine/transaction.ts";
import { sidFor } from "../claims/session_id.ts";
import { subjectOf } from "../claims/subject.ts";
import { signingAlgorithm } from "../clients/profile.ts";
import { randomId } from "../crypto/random.ts";
import type { Deps } from "../deps/deps.ts";
import { encryptedAsIdToken } from "../tokens/id_token.ts";

/** Seconds; the specification recommends at most two minutes. */
const lifetime = 120;

/**
 * Signs the token that tells a client of the end of a session, and encrypts it as its ID tokens. Each
 * attempt to deliver it has a token of its own: a client that has seen a `jti` refuses it.
 *
 * @throws {OAuthError} if the client has no key to encrypt with
 * @throws {ClientKeysNeeded} `clientStep` handles it
 * @see OpenID Connect Back-Channel Logout section 2.4
 */
export async function signLogoutToken(
  deps: Pick<Deps, "config" | "signer" | "kv" | "masterKey">,
  tx: Transaction,
  { client, provider, userId, sid }: {
    readonly client: Client;
    readonly provider: Provider;
    readonly userId: string;
    /** Of the session, whatever the client sees of it. */
    readonly sid: string;
  },
): Promise<string> {
  const claims = {
    iss: deps.config.issuer,
    sub: await subjectOf(deps, client, userId),
    aud: client.clientId,
    iat: tx.now,
    exp: tx.now + lifetime,
    jti: randomId(tx.random),
    events: { "http://schemas.openid.net/event/backchannel-logout": {} },
    // Never a nonce: with one, it could pass for an ID token.
    sid: await sidFor(deps, client, sid),
  };
  const { jwt } = await deps.signer.sign(provider, signingAlgorithm(client), claims, "logout+jwt");
  return await encryptedAsIdToken(tx, client, jwt, { iss: claims.iss });
}
