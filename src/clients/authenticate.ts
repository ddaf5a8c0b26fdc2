import type { Client } from "../../stores/clients.ts";
import type { Entry } from "../../stores/engine/collection.ts";
import type { RefusalReason } from "../protocol/errors.ts";
import { noteClient } from "../protocol/refusals.ts";
import type { PresentedCredentials } from "./credentials.ts";
import { isSecretOf } from "./methods/client_secret.ts";
import { failed } from "./methods/failed.ts";

declare const authenticated: unique symbol;
/** A client that proved who it is, or a public one that has nothing to prove: only this file makes one. */
export type AuthenticatedClient = Client & { readonly [authenticated]: true };

/**
 * Checks who calls. An unknown client, a wrong secret, and a secret too many or too few take the same
 * path and get the same answer, so that nothing tells which client ids exist.
 *
 * @throws {OAuthError} `invalid_client`
 * @see RFC 6749 section 3.2.1
 */
export async function authenticateClient(
  { value: client }: Entry<Client>,
  credentials: PresentedCredentials,
): Promise<AuthenticatedClient> {
  if (client !== null) noteClient(client.clientId);
  const isRight = await isAuthentic(client, credentials);
  if (client !== null && isRight) return client as AuthenticatedClient;
  throw failed(reasonOf(client, credentials));
}

/** Why a client is not who it says: for our log, and in no answer but one of development. */
function reasonOf(client: Client | null, { method }: PresentedCredentials): RefusalReason {
  if (client === null) return "client_unknown";
  if (isPublic(client)) return "client_secret_unexpected";
  return method === "none" ? "client_secret_missing" : "client_secret_wrong";
}

/** A new method is one file in methods/ and one case here: the compiler asks for it. */
async function isAuthentic(
  client: Client | null,
  credentials: PresentedCredentials,
): Promise<boolean> {
  switch (credentials.method) {
    case "none":
      return client !== null && isPublic(client);
    case "client_secret_basic":
    case "client_secret_post":
      return await isSecretOf(client, credentials);
  }
}

/** Whether a client has nothing to prove who it is with. @see RFC 6749 section 2.1 */
export function isPublic(client: Client): boolean {
  return client.tokenEndpointAuthMethod === "none";
}
