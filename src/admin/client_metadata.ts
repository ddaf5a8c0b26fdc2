import type { Client } from "../../stores/clients.ts";
import { adminScope } from "../clients/admin_resource.ts";
import { clientMetadataSchema, clientOf } from "../clients/metadata.ts";
import { digest } from "../crypto/digest.ts";
import { invalidMember, type JsonObject, validEntry } from "../protocol/json_entry.ts";

/**
 * Makes a client of its metadata.
 *
 * @param made the id and the secret for metadata that has none
 * @returns also the secret if `made.secret` is used, because then nobody knows it yet
 * @throws {InvalidEntry}
 */
export async function newClient(
  given: JsonObject,
  made: { readonly clientId: string; readonly secret: string },
  now: number,
): Promise<{ readonly client: Client; readonly secret: string | null }> {
  const getsSecret = given.token_endpoint_auth_method !== "none" &&
    given.client_secret === undefined;
  const metadata = validEntry(clientMetadataSchema, {
    client_id: made.clientId,
    ...given,
    ...(getsSecret ? { client_secret: made.secret } : {}),
  });
  const secret = metadata.client_secret;
  const client = clientOf(metadata, secret === undefined ? null : await digest(secret), now);
  assertNotAdministrative(client);
  return { client, secret: getsSecret ? made.secret : null };
}

/**
 * Makes the changed client. Its secret stays unless the metadata has another one.
 *
 * @throws {InvalidEntry}
 */
export async function updatedClient(
  before: Client,
  metadata: JsonObject,
  now: number,
): Promise<Client> {
  const given = { client_id: before.clientId, ...metadata };
  if (given.client_id !== before.clientId) throw invalidMember("client_id", "cannot change");
  const { token_endpoint_auth_method: method, client_secret: newSecret } = {
    token_endpoint_auth_method: undefined,
    client_secret: undefined,
    ...given,
  };
  const keeps = before.secretDigest !== null && method !== "none" && newSecret === undefined;
  // The schema requires a secret, but only the digest of the present one is known.
  const valid = validEntry(clientMetadataSchema, {
    ...given,
    ...(keeps ? { client_secret: "the secret that it has" } : {}),
  });
  const secret = valid.client_secret;
  const digested = secret === undefined ? null : await digest(secret);
  const client = clientOf(valid, keeps ? before.secretDigest : digested, now);
  assertNotAdministrative(client);
  return client;
}

/** Otherwise an administrator could give anybody lasting access to the admin API. */
function assertNotAdministrative({ scope }: Client) {
  if (!scope.includes(adminScope)) return;
  throw invalidMember(
    "scope",
    `must not hold ${adminScope}: only the bootstrap file gives it to a client`,
  );
}
