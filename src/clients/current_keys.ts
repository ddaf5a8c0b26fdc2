import type { ClientKeys } from "../../stores/client_keys.ts";
import type { Client } from "../../stores/clients.ts";
import type { PublicJwk } from "../../stores/public_jwk.ts";
import { shortestPause } from "./fetched_keys.ts";
import { ClientKeysNeeded } from "./methods/assertion_signature.ts";

interface Known {
  /** Those of the client's `jwks_uri`, as far as they are known. */
  readonly fetchedKeys: ClientKeys | null;
  /** Epoch seconds. */
  readonly now: number;
}

/**
 * The client's keys, those at its `jwks_uri` as they were fetched last.
 *
 * @throws {ClientKeysNeeded} if they are not known, or no longer fresh
 */
export function currentKeys(
  client: Client,
  { fetchedKeys, now }: Known,
): readonly PublicJwk[] {
  const { jwks, jwksUri } = client;
  if (jwksUri === null) return jwks?.keys ?? [];
  const known = fetchedKeys?.jwksUri === jwksUri ? fetchedKeys : null;
  if (known !== null && (now < known.freshUntil || now < known.triedAt + shortestPause)) {
    return known.keys;
  }
  throw new ClientKeysNeeded(client, jwksUri, known?.triedAt ?? null);
}

/** The error that has newer keys fetched if no current one fits; null: they are registered, or were just fetched. */
export function newerKeysNeeded(
  client: Client,
  { fetchedKeys, now }: Known,
): ClientKeysNeeded | null {
  if (client.jwksUri === null) return null;
  const triedAt = fetchedKeys?.jwksUri === client.jwksUri ? fetchedKeys.triedAt : null;
  if (triedAt !== null && now < triedAt + shortestPause) return null;
  return new ClientKeysNeeded(client, client.jwksUri, triedAt);
}
