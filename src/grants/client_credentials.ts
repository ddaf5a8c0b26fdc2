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
import { OAuthError } from "../protocol/errors.ts";
import { issueAccessToken } from "../tokens/access_token.ts";
import { proofRefs, spendProof } from "../tokens/dpop.ts";
import { assertGrantType, resourceParameter, scopeParameter } from "./request_parameters.ts";
import { assertSender } from "../issuing/sender_constraint.ts";
import { type Audience, readAudience } from "../issuing/target_resources.ts";
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
    const audience = await readAudience(tx, params.resource, null);
    const scope = ownScope(caller, params.scope, audience);

    const grantId = randomId(tx.random);
    grants.add(tx, grantId, newGrant(deps, caller, scope, audience, provider.epoch, tx.now));
    const { accessToken, tokenType, expiresIn } = await issueAccessToken(deps, tx, {
      client: caller,
      provider,
      grantId,
      subject: caller.clientId,
      scope,
      resources: audience.resources,
      format: audience.format,
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
      scope: scope.join(" "),
    };
  });
}

/** Of the resources' scopes those that the client is registered for; scopes of people mean nothing here. */
function ownScope(
  client: AuthenticatedClient,
  requested: readonly string[] | undefined,
  audience: Audience,
): string[] {
  const possible = client.scope.filter((name) => audience.scopes.has(name));
  if (requested === undefined) return possible;
  if (requested.every((name) => possible.includes(name))) return [...requested];
  throw new OAuthError(
    "invalid_scope",
    "scope must be of the resource that is named, and registered for the client",
  );
}

function newGrant(
  deps: Deps,
  client: AuthenticatedClient,
  scope: readonly string[],
  audience: Audience,
  providerEpoch: number,
  now: number,
): grants.Grant {
  return {
    clientId: client.clientId,
    clientCreatedAt: client.createdAt,
    userId: null,
    sessionId: null,
    scope: [...scope],
    claims: null,
    resources: [...audience.resources],
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
