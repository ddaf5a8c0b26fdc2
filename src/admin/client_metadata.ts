import type { Present, Ref } from "../../stores/engine/collection.ts";
import * as clients from "../../stores/clients.ts";
import type { Client } from "../../stores/clients.ts";
import { clientMetadataSchema, clientOf, metadataOf } from "../clients/metadata.ts";
import { digest } from "../crypto/digest.ts";
import { adminScope } from "../clients/admin_resource.ts";
import { invalid, type JsonObject, validated, writable } from "./json_body.ts";
import type { Shown } from "./records.ts";

export const shown: Shown<Client> = {
  name: "client",
  collection: clients.all,
  show: (client: Present<Client>) => shownAs(client.value),
};

/** A client as the API shows it, without a trace of its secret. @see RFC 7591 section 3.2.1 */
export function shownAs(client: Client): JsonObject {
  return {
    ...metadataOf(client),
    client_id_issued_at: client.createdAt,
    updated_at: client.updatedAt,
  };
}

const readOnly = ["client_id_issued_at", "client_secret_expires_at", "updated_at"];

/**
 * A client as somebody wants it to be.
 *
 * @param made what it gets where the body has none of its own
 * @returns also the secret, if it was made here and nobody knows it yet
 * @throws {Problem} 422
 */
export async function newClient(
  body: JsonObject,
  made: { readonly clientId: string; readonly secret: string },
  now: number,
): Promise<{ readonly client: Client; readonly secret: string | null }> {
  const given = writable(body, readOnly);
  const getsSecret = given.token_endpoint_auth_method !== "none" &&
    given.client_secret === undefined;
  const metadata = validated(clientMetadataSchema, {
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
 * What a client becomes. Its secret stays unless another is given.
 *
 * @throws {Problem} 422
 */
export async function updatedClient(
  before: Client,
  body: JsonObject,
  now: number,
): Promise<Client> {
  const given = { client_id: before.clientId, ...writable(body, readOnly) };
  if (given.client_id !== before.clientId) {
    throw invalid([{ pointer: "/client_id", detail: "cannot change" }]);
  }
  const { token_endpoint_auth_method: method, client_secret: newSecret } = {
    token_endpoint_auth_method: undefined,
    client_secret: undefined,
    ...given,
  };
  const keeps = before.secretDigest !== null && method !== "none" && newSecret === undefined;
  // The schema wants to see a secret; of the one there is only the digest is known.
  const metadata = validated(clientMetadataSchema, {
    ...given,
    ...(keeps ? { client_secret: "the secret that it has" } : {}),
  });
  const secret = metadata.client_secret;
  const digested = secret === undefined ? null : await digest(secret);
  const client = clientOf(metadata, keeps ? before.secretDigest : digested, now);
  assertNotAdministrative(client);
  return client;
}

/** Who may call this API could otherwise let anybody call it, for good. */
function assertNotAdministrative({ scope }: Client) {
  if (!scope.includes(adminScope)) return;
  const detail = `must not hold ${adminScope}: only the bootstrap file gives it to a client`;
  throw invalid([{ pointer: "/scope", detail }]);
}

/** Null: nobody can have such an id. */
export function clientRef(clientId: string): Ref<Client> | null {
  return /^[\x21-\x7e]{1,256}$/.test(clientId) ? clients.ref(clientId) : null;
}
