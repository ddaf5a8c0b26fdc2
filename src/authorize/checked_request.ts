import type { Client } from "../../stores/clients.ts";
import type { Transaction } from "../../stores/engine/transaction.ts";
import type { Deps } from "../deps/deps.ts";
import type { Grantable } from "../grantable/grantable.ts";
import { readGrantable } from "../grantable/requested.ts";
import {
  assertSupportedPrompt,
  type AuthorizationRequestParameters,
  parseAuthorizationParameters,
} from "../protocol/authorization_parameters.ts";
import { OAuthError } from "../protocol/errors.ts";
import type { RawParameters } from "../protocol/parameters.ts";

/**
 * What an authorization request asks for and may ask for, wherever it comes in: at the authorization
 * endpoint, or pushed.
 *
 * @throws {OAuthError} what the client is told
 */
export async function checkedRequest(
  deps: Deps,
  tx: Transaction,
  client: Client,
  parameters: RawParameters,
): Promise<{
  readonly request: AuthorizationRequestParameters;
  readonly grantable: Grantable;
}> {
  const request = parseAuthorizationParameters(parameters);
  assertSupportedPrompt(deps.config, request);
  assertProofKey(client, request);
  const { grantable } = await readGrantable(deps, tx, client, request);
  return { request, grantable };
}

/**
 * Wants what binds the code to the request that it was asked for with: PKCE, or, of a client that is
 * registered to do without, a nonce. With neither nothing would stop a code that somebody injects.
 *
 * @see RFC 7636 section 4.4.1, RFC 9700 section 2.1.1
 */
function assertProofKey(client: Client, request: AuthorizationRequestParameters) {
  if (request.code_challenge !== undefined) return;
  if (client.requirePkce) {
    throw new OAuthError("invalid_request", "code_challenge is missing: this client must use PKCE");
  }
  // Only an ID token tells a nonce, so without openid it binds nothing.
  if (request.nonce === undefined || !request.scope.includes("openid")) {
    throw new OAuthError(
      "invalid_request",
      "code_challenge is missing, and so is a nonce: send one",
    );
  }
}
