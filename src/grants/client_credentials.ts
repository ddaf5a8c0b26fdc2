import { z } from "zod";
import * as auditEvents from "../../stores/audit_events.ts";
import { recordedClient } from "../../stores/client_identity.ts";
import type { Client } from "../../stores/clients.ts";
import type { Present } from "../../stores/engine/collection.ts";
import type { Transaction } from "../../stores/engine/transaction.ts";
import * as grants from "../../stores/grants.ts";
import { tokenEvents } from "../../stores/grant_types.ts";
import type { Provider } from "../../stores/provider.ts";
import * as resources from "../../stores/resources.ts";
import * as users from "../../stores/users.ts";
import type { User } from "../../stores/users.ts";
import { assertResourceIndicator, parseParameters } from "../protocol/parameters.ts";
import { clientStep } from "../callers/client_step.ts";
import { type Call, readCaller, spendProofs } from "../callers/caller.ts";
import { subjectOfClient } from "../claims/subject.ts";
import type { Deps } from "../deps/deps.ts";
import { audienceOf } from "../grantable/audience.ts";
import { aboutDetails, type Grantable } from "../grantable/grantable.ts";
import { readOwnGrantable } from "../grantable/requested.ts";
import { issueAccessToken } from "../tokens/access_token.ts";
import { detailsParameter, resourceParameter, scopeParameter } from "./request_parameters.ts";
import { assertSender } from "../issuing/sender_constraint.ts";
import { accessTokenResponse, type TokenResponse } from "../issuing/token_response.ts";

const parameters = z.object({
  scope: scopeParameter,
  resource: resourceParameter,
  authorization_details: detailsParameter,
});
const rules = { grantType: "client_credentials" } as const;

/**
 * Gives a client a token for itself. There is no refresh token, because the client can ask again.
 *
 * @throws {OAuthError} `invalid_client`, `unauthorized_client`, `invalid_scope`, `invalid_target`,
 *   `invalid_authorization_details`
 * @see RFC 6749 section 4.4, RFC 9396 section 6
 */
export async function exchangeClientCredentials(
  deps: Deps,
  call: Call,
): Promise<TokenResponse> {
  const params = parseParameters(parameters, call.form);
  params.resource.forEach(assertResourceIndicator);
  return await clientStep(deps, call, async (tx) => {
    const prefetch = params.resource.map(resources.ref);
    const { caller, provider } = await readCaller(deps, tx, call, {}, { ...rules, prefetch });
    const { client } = caller;
    const binding = assertSender(caller, null);
    await spendProofs(tx, caller);
    const { grantable, resource } = await readOwnGrantable(deps, tx, client, {
      ...params,
      scope: params.scope ?? [],
    });
    const audience = audienceOf(grantable, resource);

    const grantId = tx.ids.id();
    const grant = sessionlessGrant(deps, tx, { client, user: null, grantable, provider });
    // On a shared store the previous release may still run, and looks for each grant's own record.
    if (!tx.isLocal) grants.add(tx, grantId, grant);
    const issued = await issueAccessToken(deps, tx, {
      client,
      binding,
      provider,
      grantId,
      ownGrant: tx.isLocal ? grant : null,
      subject: subjectOfClient(client.clientId),
      audience,
      grant,
    });
    const event = { clientId: client.clientId, grantId, ...aboutDetails(grantable) };
    auditEvents.append(tx, { type: tokenEvents.client_credentials, ...event });
    return accessTokenResponse(issued, audience);
  });
}

/** The grant of one token that nobody signed in for: it is short-lived, and cannot be refreshed. */
export function sessionlessGrant(
  { config }: Pick<Deps, "config">,
  tx: Transaction,
  { client, user, assertedBy, grantable, provider }: {
    readonly client: Client;
    /** Null: the client acts for itself. */
    readonly user: Present<User> | null;
    /** The trusted issuer that asserted the user. */
    readonly assertedBy?: string;
    readonly grantable: Grantable;
    readonly provider: Provider;
  },
): grants.Grant {
  return {
    clientId: client.clientId,
    ...recordedClient(client),
    redirectUri: null,
    userId: user && users.idOf(user),
    sessionId: null,
    resourceScopes: [...grantable.resourceScopes],
    claims: grantable.claims,
    ...(grantable.details.length > 0 && { details: [...grantable.details] }),
    refreshable: false,
    sid: null,
    authTime: null,
    amr: [],
    acr: null,
    epoch: user && user.value.epoch,
    providerEpoch: provider.epoch,
    withdrawal: user && users.withdrawalFrom(user.value, client.clientId),
    ...(assertedBy !== undefined && { assertedBy }),
    createdAt: tx.now,
    expiresAt: tx.now + config.lifetimes.accessToken,
  };
}
