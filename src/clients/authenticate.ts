import type { Client } from "../../stores/clients.ts";
import type { Entry } from "../../stores/engine/collection.ts";
import { constantTimeEqual } from "../crypto/constant_time.ts";
import { digest } from "../crypto/digest.ts";
import { OAuthError, type RefusalReason } from "../protocol/errors.ts";
import { noteClient } from "../protocol/refusals.ts";
import { challenge, type PresentedCredentials } from "./credentials.ts";

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
  entry: Entry<Client>,
  credentials: PresentedCredentials,
): Promise<AuthenticatedClient> {
  const client = entry.value;
  if (client !== null) noteClient(client.clientId);
  const { secret, unencodedSecret } = credentials;
  const expected = client?.secretDigest ?? noSecret;
  // Both spellings are always compared, and one wrong request is one failure: a second spelling tells
  // nothing by its time, and gives a guesser no second try at a secret of which it knows nothing.
  const [decoded, unencoded] = await Promise.all([
    digest(secret ?? ""),
    digest(unencodedSecret ?? secret ?? ""),
  ]);
  const matches = [constantTimeEqual(decoded, expected), constantTimeEqual(unencoded, expected)];
  const secretMatches = secret !== null && matches.includes(true);
  // A client with a secret may send it in the header or in the body (RFC 6749 section 2.3.1).
  if (client && (isPublic(client) ? secret === null : secretMatches)) {
    return client as AuthenticatedClient;
  }
  throw failed(reasonOf(client, secret));
}

/** Why a client is not who it says: for our log, and in no answer but one of development. */
function reasonOf(client: Client | null, secret: string | null): RefusalReason {
  if (client === null) return "client_unknown";
  if (isPublic(client)) return "client_secret_unexpected";
  return secret === null ? "client_secret_missing" : "client_secret_wrong";
}

function failed(reason: RefusalReason): OAuthError {
  return new OAuthError("invalid_client", "client authentication failed", {
    headers: challenge,
    reason,
  });
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
  throw failed("client_not_allowed");
}
