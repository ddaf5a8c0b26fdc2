import type { Client } from "../../stores/clients.ts";
import type { Provider } from "../../stores/provider.ts";
import type { Transaction } from "../../stores/engine/transaction.ts";
import type { Deps } from "../deps/deps.ts";
import { encryptedFor } from "../tokens/encryption.ts";
import { protectedAnswer } from "../tokens/protected_answer.ts";

/**
 * The claims about a user as a JWT, signed or encrypted or both.
 *
 * @throws {OAuthError} if the client has no key to encrypt with
 * @see OpenID Connect Core section 5.3.2
 */
export async function protectedUserInfo(
  deps: Deps,
  tx: Transaction,
  { client, provider, claims }: {
    readonly client: Client;
    readonly provider: Provider;
    readonly claims: Readonly<Record<string, unknown>>;
  },
): Promise<string> {
  const { userinfoSignedResponseAlg: alg } = client;
  const encryption = {
    alg: client.userinfoEncryptedResponseAlg,
    enc: client.userinfoEncryptedResponseEnc,
  };
  const whole = { ...claims, iss: deps.config.issuer, aud: client.clientId };
  if (alg !== null || encryption.alg === null) {
    const options = { provider, client, alg: alg ?? "RS256", encryption, claims: whole } as const;
    return await protectedAnswer(deps, tx, { ...options, typ: "JWT" });
  }
  return await encryptedFor(tx, client, { ...encryption, alg: encryption.alg }, { json: whole });
}
