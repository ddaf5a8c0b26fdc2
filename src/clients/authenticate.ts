import type { Client } from "../../stores/clients.ts";
import type { Entry } from "../../stores/engine/collection.ts";
import { constantTimeEqual } from "../crypto/constant_time.ts";
import { digest } from "../crypto/digest.ts";
import { OAuthError } from "../protocol/errors.ts";
import { challenge, type PresentedCredentials } from "./credentials.ts";

declare const authenticated: unique symbol;
/** A client that proved who it is, or a public one that has nothing to prove: only this file makes one. */
export type AuthenticatedClient = Client & { readonly [authenticated]: true };

/**
 * Checks who calls. An unknown client, a wrong secret and a wrong method take the same path and get
 * the same answer, so that nothing tells which client ids exist.
 *
 * @throws {OAuthError} `invalid_client`
 * @see RFC 6749 section 3.2.1
 */
export async function authenticateClient(
  entry: Entry<Client>,
  credentials: PresentedCredentials,
): Promise<AuthenticatedClient> {
  const client = entry.value;
  const presented = await digest(credentials.secret ?? "");
  const expected = client?.secretDigest ?? noSecret;
  const secretMatches = constantTimeEqual(presented, expected);
  const methodMatches = client?.tokenEndpointAuthMethod === credentials.method;
  if (client && methodMatches && (isPublic(client) ? credentials.secret === null : secretMatches)) {
    return client as AuthenticatedClient;
  }
  throw new OAuthError("invalid_client", "client authentication failed", { headers: challenge });
}

/** Whether a client has nothing to prove who it is with. @see RFC 6749 section 2.1 */
export function isPublic(client: Client): boolean {
  return client.tokenEndpointAuthMethod === "none";
}

// No text has this digest that anyone could find, and it has a digest's length.
const noSecret = "0".repeat(43);

/** Like `authenticateClient`, where a public client has no business. @throws {OAuthError} `invalid_client` */
export async function authenticateConfidentialClient(
  entry: Entry<Client>,
  credentials: PresentedCredentials,
): Promise<AuthenticatedClient> {
  const client = await authenticateClient(entry, credentials);
  if (!isPublic(client)) return client;
  throw new OAuthError("invalid_client", "client authentication failed", { headers: challenge });
}
