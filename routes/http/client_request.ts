import type { ClientRequest } from "../../src/callers/caller.ts";
import { presentedCredentials } from "../../src/clients/credentials.ts";
import type { Deps } from "../../src/deps/deps.ts";
import { readyClient } from "./client_document.ts";
import { endpointUrls, presentedProof } from "./dpop.ts";
import { type Parameters, readForm } from "./form.ts";
import { certificateOf, type Incoming } from "./incoming.ts";

/**
 * A form that a client posts, with its credentials. No async function waits for the body: see
 * `readRepeatableForm`.
 *
 * @param options whether the endpoint accepts DPoP proofs; other endpoints ignore them
 * @throws {OAuthError} `invalid_request`, `invalid_client`
 */
export function readClientRequest(
  incoming: Incoming,
  deps: Deps,
  options: { readonly proof: boolean },
): Promise<ClientRequest> {
  return readForm(incoming.request).then((form) => requestWith(form, incoming, deps, options));
}

async function requestWith(
  form: Parameters,
  incoming: Incoming,
  deps: Deps,
  options: { readonly proof: boolean },
): Promise<ClientRequest> {
  const { request, origin } = incoming;
  const credentials = presentedCredentials(request.headers, form, endpointUrls(incoming, deps));
  const beginsFlow = form.response_type !== undefined; // a pushed request
  await readyClient(deps, origin, credentials.clientId, { beginsFlow });
  const certificate = certificateOf(incoming, deps);
  return {
    origin,
    form,
    credentials,
    proof: options.proof ? presentedProof(incoming, deps) : null,
    certificate: certificate && await certificate,
  };
}
