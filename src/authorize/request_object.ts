import { z } from "zod";
import { recordedClient } from "../../stores/client_identity.ts";
import type { Client } from "../../stores/clients.ts";
import type { Transaction } from "../../stores/engine/transaction.ts";
import type { Deps } from "../deps/deps.ts";
import { insideParameters } from "../protocol/inside_parameters.ts";
import type { RawParameters } from "../protocol/parameters.ts";
import { registeredAlgorithms, usableOnce, verifiedObject } from "../tokens/request_object.ts";
import { objectClaims, refused } from "../tokens/request_object_claims.ts";
import type { RequestSource } from "./request_source.ts";

/** A client's assertion has no client_id, so it can be no request object. */
const schema = objectClaims.extend({ client_id: z.string() });

/**
 * Verifies the request object of an authorization request and reads the request inside.
 *
 * @throws {OAuthError} `invalid_request_object`
 * @throws {ClientKeysNeeded} if the keys at its `jwks_uri` have to be fetched first
 * @see RFC 9101 sections 4, 6 and 10, OpenID Connect Core section 6.3
 */
export async function readRequestObject(
  deps: Pick<Deps, "config" | "masterKey">,
  tx: Transaction,
  client: Client | null,
  jwt: string,
): Promise<{ readonly parameters: RawParameters; readonly source: RequestSource }> {
  if (client === null) throw refused("client_id names an unknown client");
  const algorithms = registeredAlgorithms(client);
  const { payload, claims } = await verifiedObject(deps, tx, client, { jwt, algorithms, schema });
  const parameters = insideParameters(payload);
  const { jti } = claims;
  const once = jti === undefined ? null : await usableOnce(tx, client.clientId, { ...claims, jti });
  const signed = algorithms.signing !== "none";
  return { parameters, source: { kind: "object", client: recordedClient(client), signed, once } };
}
