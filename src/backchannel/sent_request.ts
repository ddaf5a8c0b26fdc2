import type { Client } from "../../stores/clients.ts";
import type { Transaction } from "../../stores/engine/transaction.ts";
import type { Unspent } from "../../stores/used_once.ts";
import type { Call } from "../callers/caller.ts";
import { mustSignRequests } from "../clients/must_sign.ts";
import type { Deps } from "../deps/deps.ts";
import { OAuthError } from "../protocol/errors.ts";
import type { RawParameters } from "../protocol/parameters.ts";

/**
 * The parameters of a request, to find records ahead of the step. Those of a signed one are not verified yet.
 *
 * @param known the parameters of the endpoint
 */
export async function claimedIn(
  { form }: Pick<Call, "form">,
  known: ReadonlySet<string>,
): Promise<RawParameters> {
  const { request: jwt } = form;
  if (typeof jwt !== "string") return form;
  const { claimedParameters } = await import("./signed_request.ts"); // few clients need it
  return claimedParameters(jwt, known);
}

/**
 * The parameters that count: those inside a signed request, which a client must send if it is registered
 * for that, or must sign its requests in general.
 *
 * @param known the parameters of the endpoint
 * @returns with a signed request also what must be spent in the commit that answers it
 * @throws {OAuthError} `invalid_request`
 * @throws {ClientKeysNeeded} `clientStep` handles it
 */
export async function countedParameters(
  deps: Deps,
  tx: Transaction,
  client: Client,
  { form, known }: Pick<Call, "form"> & { readonly known: ReadonlySet<string> },
): Promise<{ readonly parameters: RawParameters; readonly object: Unspent | null }> {
  const { request: jwt } = form;
  if (typeof jwt === "string") {
    const { signedParameters } = await import("./signed_request.ts");
    return await signedParameters(deps, tx, client, { form, jwt, known });
  }
  const { backchannelAuthenticationRequestSigningAlg: alg } = client;
  if (alg !== null || mustSignRequests(deps.config, client)) {
    throw new OAuthError("invalid_request", "request is missing: the client must sign it");
  }
  return { parameters: form, object: null };
}
