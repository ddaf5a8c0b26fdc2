import type { Client } from "../../stores/clients.ts";
import type { Transaction } from "../../stores/engine/transaction.ts";
import { assertNamesResource, mayCarryTokens, mustUsePkce } from "../clients/profile.ts";
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
import { holds } from "../protocol/response_type.ts";

/**
 * Checks what an authorization request asks for, at the authorization endpoint and at the push.
 *
 * @throws {OAuthError} an error for the client
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
  if (request.response_type !== "code") {
    if (!mayCarryTokens(client)) {
      throw new OAuthError("unauthorized_client", "response_type must be code for this client");
    }
    const { assertMayCarryTokens } = await import("./front_channel.ts"); // off unless it is needed
    assertMayCarryTokens(deps, { client, request });
  }
  if (holds(request.response_type, "code")) {
    assertMayHaveCode(client, request);
    assertProofKey(client, request);
  }
  assertNamesResource(client, request.resource);
  const { grantable } = await readGrantable(deps, tx, client, request);
  return { request, grantable };
}

/** @throws {OAuthError} `unauthorized_client` */
function assertMayHaveCode(
  client: Client,
  { response_type: type }: AuthorizationRequestParameters,
) {
  const { grantTypes, responseTypes } = client;
  // Earlier releases registered no other type, and some clients with none.
  const isOfType = responseTypes.length === 0 || responseTypes.includes(type);
  if (isOfType && grantTypes.includes("authorization_code")) return;
  throw new OAuthError("unauthorized_client", `the client is not registered for ${type}`);
}

/**
 * Requires a value that binds the code to its request: PKCE, or a nonce if the client is registered
 * without PKCE. Without both, nothing would stop an injected code.
 *
 * @see RFC 7636 section 4.4.1, RFC 9700 section 2.1.1
 */
function assertProofKey(client: Client, request: AuthorizationRequestParameters) {
  if (request.code_challenge !== undefined) return;
  if (mustUsePkce(client)) {
    throw new OAuthError("invalid_request", "code_challenge is missing: this client must use PKCE");
  }
  // Only an ID token contains the nonce, so without openid it binds nothing.
  if (request.nonce === undefined || !request.scope.includes("openid")) {
    throw new OAuthError(
      "invalid_request",
      "code_challenge and nonce are missing: send one of them",
    );
  }
}
