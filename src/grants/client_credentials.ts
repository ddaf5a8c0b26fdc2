import { z } from "zod";
import * as auditEvents from "../../stores/audit_events.ts";
import * as clients from "../../stores/clients.ts";
import * as grants from "../../stores/grants.ts";
import * as providers from "../../stores/provider.ts";
import * as resources from "../../stores/resources.ts";
import { assertResourceIndicator, parseParameters } from "../protocol/parameters.ts";
import { authenticateClient, type AuthenticatedClient } from "../clients/authenticate.ts";
import { randomId } from "../crypto/random.ts";
import type { Deps } from "../deps/deps.ts";
import { audienceOf } from "../grantable/audience.ts";
import type { Grantable } from "../grantable/grantable.ts";
import { readOwnGrantable } from "../grantable/requested.ts";
import { issueAccessToken } from "../tokens/access_token.ts";
import { proofRefs, spendProof } from "../tokens/dpop.ts";
import { assertGrantType, resourceParameter, scopeParameter } from "./request_parameters.ts";
import { assertSender } from "../issuing/sender_constraint.ts";
import type { TokenRequest, TokenResponse } from "../issuing/token_request.ts";

const parameters = z.object({ scope: scopeParameter, resource: resourceParameter });

/**
 * Gives a client a token for itself. There is no refresh token: it can ask again.
 *
 * @throws {OAuthError} `invalid_client`, `unauthorized_client`, `invalid_scope`, `invalid_target`
 * @see RFC 6749 section 4.4
 */
export async function exchangeClientCredentials(
  deps: Deps,
  request: TokenRequest,
): Promise<TokenResponse> {
  const params = parseParameters(parameters, request.form);
  params.resource.forEach(assertResourceIndicator);
  return await deps.kv.step(request.origin, async (tx) => {
    const { client, provider } = await providers.read(tx, {
      client: clients.ref(request.credentials.clientId),
    }, [...params.resource.map(resources.ref), ...await proofRefs(request)]);
    const caller = await authenticateClient(client, request.credentials);
    assertGrantType(caller, "client_credentials");
    assertSender(caller, request.proof, null);
    if (request.proof) await spendProof(tx, request.proof, caller.clientId);
    const { grantable, resource } = await readOwnGrantable(deps, tx, caller, {
      scope: params.scope ?? [],
      resource: params.resource,
    });
    const audience = audienceOf(grantable, resource);

    const grantId = randomId(tx.random);
    grants.add(tx, grantId, newGrant(deps, caller, grantable, provider.epoch, tx.now));
    const { accessToken, tokenType, expiresIn } = await issueAccessToken(deps, tx, {
      client: caller,
      provider,
      grantId,
      subject: caller.clientId,
      audience,
      authTime: null,
      acr: null,
      amr: [],
      proof: request.proof,
    });
    auditEvents.append(tx, { type: "token_issued", clientId: caller.clientId, grantId });
    return {
      access_token: accessToken,
      token_type: tokenType,
      expires_in: expiresIn,
      scope: audience.scope.join(" "),
    };
  });
}

function newGrant(
  deps: Deps,
  client: AuthenticatedClient,
  { resourceScopes, claims }: Grantable,
  providerEpoch: number,
  now: number,
): grants.Grant {
  return {
    clientId: client.clientId,
    clientCreatedAt: client.createdAt,
    clientEpoch: client.epoch,
    redirectUri: null,
    userId: null,
    sessionId: null,
    resourceScopes: [...resourceScopes],
    claims,
    refreshable: false,
    sid: null,
    authTime: null,
    amr: [],
    acr: null,
    epoch: null,
    providerEpoch,
    withdrawal: null,
    createdAt: now,
    expiresAt: now + deps.config.lifetimes.accessToken,
  };
}
