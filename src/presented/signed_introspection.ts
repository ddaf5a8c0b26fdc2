import type { Client } from "../../stores/clients.ts";
import type { Provider } from "../../stores/provider.ts";
import type { Transaction } from "../../stores/engine/transaction.ts";
import type { Deps } from "../deps/deps.ts";
import { protectedAnswer } from "../tokens/protected_answer.ts";

/**
 * An introspection as a JWT for the client that asked.
 *
 * @throws {OAuthError} if the client has no key to encrypt with
 * @see RFC 9701 section 5
 */
export async function signedIntrospection(
  deps: Deps,
  tx: Transaction,
  { client, provider, introspection }: {
    readonly client: Client;
    readonly provider: Provider;
    readonly introspection: Readonly<Record<string, unknown>>;
  },
): Promise<string> {
  return await protectedAnswer(deps, tx, {
    provider,
    client,
    alg: client.introspectionSignedResponseAlg,
    // Without it, the answer could pass for an access token or an ID token (section 8.1).
    typ: "token-introspection+jwt",
    encryption: {
      alg: client.introspectionEncryptedResponseAlg,
      enc: client.introspectionEncryptedResponseEnc,
    },
    claims: {
      iss: deps.config.issuer,
      aud: client.clientId,
      iat: tx.now,
      token_introspection: introspection,
    },
  });
}
