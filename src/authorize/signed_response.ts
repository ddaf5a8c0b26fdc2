import type { Client } from "../../stores/clients.ts";
import type { Provider } from "../../stores/provider.ts";
import type { Transaction } from "../../stores/engine/transaction.ts";
import type { Deps } from "../deps/deps.ts";
import { protectedAnswer } from "../tokens/protected_answer.ts";

/**
 * An authorization response as one JWT.
 *
 * @param parameters of the response, with the issuer
 * @throws {OAuthError} if the client has no key to encrypt with
 * @throws {ClientKeysNeeded} `clientStep` handles it
 * @see JWT Secured Authorization Response Mode for OAuth 2.0 (JARM) section 2.1
 */
export async function signedResponse(
  deps: Deps,
  tx: Transaction,
  { provider, client, parameters }: {
    readonly provider: Provider;
    readonly client: Client;
    readonly parameters: Readonly<Record<string, string>>;
  },
): Promise<string> {
  return await protectedAnswer(deps, tx, {
    provider,
    client,
    alg: client.authorizationSignedResponseAlg,
    typ: "JWT", // an ID token has none
    encryption: {
      alg: client.authorizationEncryptedResponseAlg,
      enc: client.authorizationEncryptedResponseEnc,
    },
    claims: {
      ...parameters,
      aud: client.clientId,
      iat: tx.now,
      exp: tx.now + deps.config.lifetimes.code,
    },
  });
}
