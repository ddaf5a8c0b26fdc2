import { z } from "zod";
import * as authorizationCodes from "../../stores/authorization_codes.ts";
import type { AuthorizationCode } from "../../stores/authorization_codes.ts";
import type { Entry, Present } from "../../stores/engine/collection.ts";
import { secretKey } from "../../stores/engine/ids.ts";
import * as grants from "../../stores/grants.ts";
import { assertResourceIndicator, parseParameters } from "../protocol/parameters.ts";
import { clientStep } from "../callers/client_step.ts";
import { type Call, readCaller } from "../callers/caller.ts";
import type { AuthenticatedClient } from "../clients/authenticate.ts";
import { isRegisteredRedirectUri } from "../clients/redirect_uri.ts";
import type { Deps } from "../deps/deps.ts";
import { invalidGrant, OAuthError } from "../protocol/errors.ts";
import { assertVerified, redeem } from "./redeem.ts";
import {
  codeVerifierParameter,
  detailsParameter,
  deviceSecretParameter,
  resourceParameter,
  secretParameter,
} from "./request_parameters.ts";
import { assertSender } from "../issuing/sender_constraint.ts";
import type { TokenResponse } from "../issuing/token_response.ts";

const parameters = z.object({
  code: secretParameter,
  redirect_uri: z.string().max(2048).optional(),
  code_verifier: codeVerifierParameter,
  resource: resourceParameter,
  authorization_details: detailsParameter,
  device_secret: deviceSecretParameter,
});
type CodeParameters = z.infer<typeof parameters>;
const rules = { grantType: "authorization_code" } as const;

/**
 * Exchanges an authorization code, once: of concurrent requests with one code, one gets tokens.
 *
 * @returns the response body; `expires_in` is in seconds
 * @throws {OAuthError} `invalid_client`; `invalid_grant` if the code is unknown, expired or spent, or
 *   bound to other values than the request has. A replay that passes every binding check ends the
 *   grant.
 * @see RFC 6749 section 4.1.3, RFC 7636 section 4.6
 */
export async function exchangeCode(deps: Deps, call: Call): Promise<TokenResponse> {
  const params = parseParameters(parameters, call.form);
  params.resource.forEach(assertResourceIndicator);
  const codeDigest = secretKey(params.code);
  return await clientStep(deps, call, async (tx) => {
    const { caller, grant, code, provider } = await readCaller(deps, tx, call, {
      grant: grants.ref(grantIdOf(params.code)), // a code contains the id of its grant: one batch
      code: authorizationCodes.ref(codeDigest),
    }, rules);
    const { client } = caller;
    // Check the bindings first: a wrong guess must not spend the owner's code, and must not end the
    // owner's grant.
    const bound = await assertBindings(code, grant, client, params);
    const binding = assertSender(caller, bound.value.confirmation);
    return await redeem(deps, tx, {
      caller,
      binding,
      entry: bound,
      grant,
      provider,
      asked: params,
      name: "the code",
      grantType: "authorization_code",
      device: { presented: params.device_secret },
    });
  });
}

function grantIdOf(code: string): string {
  return code.split(".")[0] ?? "";
}

/** @throws {OAuthError} `invalid_grant`. Nothing is spent or revoked. */
async function assertBindings(
  code: Entry<AuthorizationCode>,
  grant: Entry<grants.Grant>,
  client: AuthenticatedClient,
  params: CodeParameters,
): Promise<Present<AuthorizationCode>> {
  if (code.value === null) throw invalidGrant("the code is unknown or has expired", "code_unknown");
  const { clientId, redirectUri, codeChallenge, grantId } = code.value;
  if (clientId !== client.clientId || grantId !== grantIdOf(params.code)) {
    throw invalidGrant("the code was issued to another client", "code_other_client");
  }
  // With PKCE it may be missing: the code_verifier shows that the requester is the same (OAuth 2.1
  // draft-15 section 4.1.3). Without PKCE it is required (RFC 6749 section 4.1.3).
  if (params.redirect_uri === undefined && codeChallenge === null) {
    throw new OAuthError(
      "invalid_request",
      "redirect_uri is missing: it is required without PKCE",
    );
  }
  if (params.redirect_uri !== undefined && redirectUri !== params.redirect_uri) {
    throw invalidGrant(
      "redirect_uri is not that of the authorization request",
      "redirect_uri_wrong",
    );
  }
  // A former owner of a removed redirect URI may still have the code.
  if (!isRegisteredRedirectUri(client, redirectUri)) {
    throw invalidGrant("redirect_uri is not registered any more", "redirect_uri_removed");
  }
  if (grant.value !== null && grant.value.clientEpoch !== client.epoch) {
    throw invalidGrant(
      "the client has changed how it authenticates since the code was issued",
      "client_changed",
    );
  }
  await assertVerified(codeChallenge, params.code_verifier);
  return code;
}
