import type { Client } from "../../stores/clients.ts";
import type { Provider } from "../../stores/provider.ts";
import { responseSigningAlgorithm } from "../clients/profile.ts";
import type { Deps } from "../deps/deps.ts";

/**
 * An authorization response as one JWT.
 *
 * @param parameters of the response, with the issuer
 * @see JWT Secured Authorization Response Mode for OAuth 2.0 (JARM) section 2.1
 */
export async function signedResponse(
  deps: Deps,
  provider: Provider,
  client: Client,
  parameters: Readonly<Record<string, string>>,
): Promise<string> {
  const now = deps.clock.seconds();
  const claims = {
    ...parameters,
    aud: client.clientId,
    iat: now,
    exp: now + deps.config.lifetimes.code,
  };
  // With a type, so that it can never pass for an ID token.
  const alg = responseSigningAlgorithm(client);
  const { jwt } = await deps.signer.sign(provider, alg, claims, "JWT");
  return jwt;
}
