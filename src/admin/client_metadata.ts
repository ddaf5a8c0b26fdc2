import type { Client } from "../../stores/clients.ts";
import { adminScope } from "../clients/admin_resource.ts";
import { keptSecretOf, usesSecret } from "../clients/kept_secret.ts";
import { changedMembers, clientMetadataSchema, clientOf } from "../clients/metadata.ts";
import { usualMethod } from "../clients/profile_metadata.ts";
import type { MasterKey } from "../crypto/master_key.ts";
import { invalidMember, type JsonObject, validEntry } from "../protocol/json_entry.ts";
import { Conflict } from "./errors.ts";

/**
 * Makes a client of its metadata.
 *
 * @param made the id and the secret for metadata that has none
 * @returns also the secret if `made.secret` is used, because then nobody knows it yet
 * @throws {InvalidEntry}
 */
export async function newClient(
  masterKey: MasterKey,
  given: JsonObject,
  made: { readonly clientId: string; readonly secret: string },
  now: number,
): Promise<{ readonly client: Client; readonly secret: string | null }> {
  const method = given.token_endpoint_auth_method ?? usualMethod(given);
  const getsSecret = usesSecret(String(method)) && given.client_secret === undefined;
  const metadata = validEntry(clientMetadataSchema, {
    client_id: made.clientId,
    ...given,
    ...(getsSecret ? { client_secret: made.secret } : {}),
  });
  const client = clientOf(metadata, await keptSecretOf(masterKey, metadata), now);
  assertNotAdministrative(client);
  return { client, secret: getsSecret ? made.secret : null };
}

/**
 * Makes the changed client. Its secret stays unless the metadata has another one.
 *
 * @throws {InvalidEntry}
 */
export async function updatedClient(
  masterKey: MasterKey,
  before: Client,
  metadata: JsonObject,
  now: number,
): Promise<Client> {
  const given = { client_id: before.clientId, ...metadata };
  if (given.client_id !== before.clientId) throw invalidMember("client_id", "cannot change");
  const method = metadata.token_endpoint_auth_method ?? usualMethod(metadata);
  // A client that is to sign with its secret needs another one, if only the digest of the old is known.
  const isKnown = method !== "client_secret_jwt" || before.sealedSecret !== null;
  const keeps = before.secretDigest !== null && isKnown && usesSecret(String(method)) &&
    metadata.client_secret === undefined;
  // The schema requires a secret, but only the digest of the present one is known.
  const valid = validEntry(clientMetadataSchema, {
    ...given,
    ...(keeps ? { client_secret: "the secret that the client already has" } : {}),
  });
  const { secretDigest } = before;
  const sealedSecret = method === "client_secret_jwt" ? before.sealedSecret : null;
  const kept = keeps ? { secretDigest, sealedSecret } : await keptSecretOf(masterKey, valid);
  const previousSecret = keeps && before.previousSecret !== null
    ? { ...before.previousSecret, sealedSecret: sealedSecret && before.previousSecret.sealedSecret }
    : null;
  if (before.document !== null) {
    throw new Conflict("the client's metadata is the document at its client_id");
  }
  const { registration, expiresAt } = before;
  const client = { ...clientOf(valid, kept, now), previousSecret, registration, expiresAt };
  assertNotAdministrative(client);
  if (registration === null) return client;
  const operatorSet = new Set([...before.operatorSet, ...changedMembers(before, client)]);
  return { ...client, operatorSet: [...operatorSet].toSorted() };
}

/** Otherwise an administrator could give anybody lasting access to the admin API. */
function assertNotAdministrative({ scope }: Client) {
  if (!scope.includes(adminScope)) return;
  throw invalidMember(
    "scope",
    `must not hold ${adminScope}: only the bootstrap file gives it to a client`,
  );
}
