import { decodeJwt } from "jose";
import type { Client } from "../../stores/clients.ts";
import type { Transaction } from "../../stores/engine/transaction.ts";
import type { Unspent } from "../../stores/used_once.ts";
import { withoutCredentials } from "../clients/credentials.ts";
import type { Deps } from "../deps/deps.ts";
import { OAuthError } from "../protocol/errors.ts";
import { insideParameters } from "../protocol/inside_parameters.ts";
import type { RawParameters } from "../protocol/parameters.ts";
import { usableOnce, verifiedObject } from "../tokens/request_object.ts";
import { objectClaims, refused } from "../tokens/request_object_claims.ts";

/** All of them are required. */
const schema = objectClaims.required({
  iss: true,
  aud: true,
  exp: true,
  iat: true,
  nbf: true,
  jti: true,
});

/**
 * The parameters in a signed request that is not verified yet. Use them only to find records ahead of the
 * step. A request that cannot be read has none.
 */
export function claimedParameters(jwt: string, known: ReadonlySet<string>): RawParameters {
  try {
    return insideParameters(decodeJwt(jwt), known);
  } catch {
    return {};
  }
}

/**
 * Verifies a signed request and reads the request inside. It counts alone: a parameter beside it could be
 * anybody's.
 *
 * @param known the parameters of the endpoint
 * @returns its parameters, and what must be spent in the commit that answers it
 * @throws {OAuthError} `invalid_request`
 * @throws {ClientKeysNeeded} `clientStep` handles it
 * @see CIBA Core section 7.1.1
 */
export async function signedParameters(
  deps: Deps,
  tx: Transaction,
  client: Client,
  { form, jwt, known }: {
    readonly form: Readonly<Record<string, string | string[]>>;
    readonly jwt: string;
    readonly known: ReadonlySet<string>;
  },
): Promise<{ readonly parameters: RawParameters; readonly object: Unspent }> {
  const { backchannelAuthenticationRequestSigningAlg: signing, clientId } = client;
  if (signing === null) {
    throw new OAuthError(
      "invalid_request",
      "the client has no backchannel_authentication_request_signing_alg registered",
    );
  }
  const { request: _, ...beside } = withoutCredentials(form);
  if (Object.keys(beside).some((name) => known.has(name))) {
    throw new OAuthError("invalid_request", "all parameters must be inside the signed request");
  }
  try {
    const algorithms = { signing, encryption: null };
    const { payload, claims } = await verifiedObject(deps, tx, client, { jwt, algorithms, schema });
    // Its authorization requests go through browsers, which could keep one for another purpose.
    if ("response_type" in payload) throw refused("it is an authorization request");
    const parameters = insideParameters(payload, known);
    const { unspent: object } = await usableOnce(tx, clientId, claims);
    return { parameters, object };
  } catch (error) {
    throw asOfThisEndpoint(error);
  }
}

/** CIBA has no error of its own for a request object. @see CIBA Core section 13 */
function asOfThisEndpoint(error: unknown): unknown {
  if (!(error instanceof OAuthError) || error.code !== "invalid_request_object") return error;
  const reason = error.reason === error.code ? "invalid_request" : error.reason;
  return new OAuthError("invalid_request", error.description, { cause: error, reason });
}
