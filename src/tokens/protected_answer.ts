import type { JWTPayload } from "jose";
import type { Client } from "../../stores/clients.ts";
import type { Provider, SigningAlgorithm } from "../../stores/provider.ts";
import type { Transaction } from "../../stores/engine/transaction.ts";
import { signingAlgorithm } from "../clients/profile.ts";
import type { Deps } from "../deps/deps.ts";
import { encryptedFor, type Encryption } from "./encryption.ts";

/**
 * An answer to a client as a JWT: signed, and then encrypted if the client wants that.
 *
 * @param typ of its header, so that it can never pass for another kind of JWT
 * @throws {OAuthError} if the client has no key to encrypt with
 * @throws {ClientKeysNeeded} `clientStep` handles it
 */
export async function protectedAnswer(
  deps: Pick<Deps, "signer">,
  tx: Transaction,
  { provider, client, alg, typ, encryption, claims }: {
    readonly provider: Provider;
    readonly client: Client;
    /** That the client registered for this kind of answer. */
    readonly alg: SigningAlgorithm;
    readonly typ: string;
    readonly encryption: Encryption;
    readonly claims: JWTPayload;
  },
): Promise<string> {
  const { jwt } = await deps.signer.sign(provider, signingAlgorithm(client, alg), claims, typ);
  if (encryption.alg === null) return jwt;
  return await encryptedFor(tx, client, { alg: encryption.alg, enc: encryption.enc }, { jwt });
}
