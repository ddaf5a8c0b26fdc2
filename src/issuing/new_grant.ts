import { recordedClient } from "../../stores/client_identity.ts";
import type { Client } from "../../stores/clients.ts";
import type { Grant } from "../../stores/grants.ts";
import type { Provider } from "../../stores/provider.ts";
import { scopeAt } from "../../stores/resource_scopes.ts";
import type { Transaction } from "../../stores/engine/transaction.ts";
import * as users from "../../stores/users.ts";
import type { Deps } from "../deps/deps.ts";
import { type Grantable, sharesSignIn } from "../grantable/grantable.ts";
import { requestedAcr } from "../interactions/request_requirement.ts";
import { acrToTell } from "../protocol/acr.ts";
import type { AuthorizationRequestParameters } from "../protocol/authorization_parameters.ts";
import { holds } from "../protocol/response_type.ts";
import type { LiveSession } from "../sessions/live_session.ts";

/** What a signed-in user has allowed a client. */
export interface Allowed {
  readonly client: Client;
  readonly request: AuthorizationRequestParameters;
  /** The redirect URI that gets the code; null: the client polls for its tokens. */
  readonly redirectUri: string | null;
  readonly grantable: Grantable;
  readonly live: LiveSession;
  readonly provider: Provider;
  /** Seconds for which the code can still be exchanged. */
  readonly codeLifetime: number;
}

/** The grant of a signed-in user, before anything is issued under it. */
export function newGrant(deps: Deps, tx: Transaction, allowed: Allowed): Grant {
  const { client, request, redirectUri, grantable, live, provider, codeLifetime } = allowed;
  const scope = scopeAt(grantable.resourceScopes, null);
  const { lifetimes } = deps.config;
  const session = live.session.value;
  const offline = scope.includes("offline_access");
  // Plain OAuth has no offline_access scope: there the registered grant type decides.
  const refreshable = holds(request.response_type, "code") &&
    client.grantTypes.includes("refresh_token") &&
    (offline || !scope.includes("openid"));
  const issuedUntil = tx.now + codeLifetime + lifetimes.accessToken +
    (refreshable ? lifetimes.refreshTokenMax : 0);
  // The ID token of a shared sign-in names this grant, for as long as the session can live. What is issued
  // under the grant has an end of its own.
  const shares = sharesSignIn(grantable) && holds(request.response_type, "code");
  return {
    clientId: client.clientId,
    ...recordedClient(client),
    redirectUri,
    userId: live.userId,
    sessionId: offline ? null : live.id,
    ...(offline ? { givenInSession: live.id } : {}),
    resourceScopes: [...grantable.resourceScopes],
    claims: grantable.claims,
    ...(grantable.details.length > 0 && { details: [...grantable.details] }),
    refreshable,
    sid: session.sid,
    authTime: session.authTime,
    amr: session.amr,
    acr: acrToTell(session.acr, requestedAcr(request).lists.flat()),
    epoch: live.user.value.epoch,
    providerEpoch: provider.epoch,
    withdrawal: users.withdrawalFrom(live.user.value, client.clientId),
    createdAt: tx.now,
    expiresAt: shares ? Math.max(issuedUntil, session.endsAt) : issuedUntil,
  };
}
