import type { ClientAuthenticationMethod } from "../../stores/client_authentication.ts";
import type { Client } from "../../stores/clients.ts";
import { digest } from "../crypto/digest.ts";
import type { MasterKey } from "../crypto/master_key.ts";

/** How a client's secret is stored: as a digest, and sealed only where the secret itself is needed. */
export type KeptSecret = Pick<Client, "secretDigest" | "sealedSecret">;

export const noSecret: KeptSecret = { secretDigest: null, sealedSecret: null };

/** The secret of a client in its stored form. A client that signs with its secret needs it sealed. */
export async function keptSecret(
  masterKey: MasterKey,
  clientId: string,
  method: ClientAuthenticationMethod,
  secret: string,
): Promise<KeptSecret> {
  const sealedSecret = method === "client_secret_jwt"
    ? await masterKey.seal(secret, secretContext(clientId))
    : null;
  return { secretDigest: await digest(secret), sealedSecret };
}

/** The secret in client metadata in its stored form. */
export async function keptSecretOf(
  masterKey: MasterKey,
  metadata: {
    readonly client_id: string;
    readonly token_endpoint_auth_method: ClientAuthenticationMethod;
    readonly client_secret?: string | undefined;
  },
): Promise<KeptSecret> {
  const { client_id: id, token_endpoint_auth_method: method, client_secret: secret } = metadata;
  return secret === undefined ? noSecret : await keptSecret(masterKey, id, method, secret);
}

/** The context in which a client's secret is sealed. */
export function secretContext(clientId: string): string {
  return `clients/${clientId}/secret`;
}

/** Whether a method needs a secret that the server knows too. */
export function usesSecret(method: string): boolean {
  return method.startsWith("client_secret_");
}
