import * as clients from "../../stores/clients.ts";
import type { Client } from "../../stores/clients.ts";
import { isFresh } from "../../stores/engine/collection.ts";
import * as interactions from "../../stores/interactions.ts";
import * as providers from "../../stores/provider.ts";
import type { Provider } from "../../stores/provider.ts";
import { systemOrigin } from "../../stores/engine/transaction.ts";
import { subjectsOf } from "../claims/subject.ts";
import { type LiveSession, liveSession, sessionRefs } from "../sessions/live_session.ts";
import type { SessionCookie } from "../sessions/session_cookie.ts";
import type { Deps } from "../deps/deps.ts";
import { assertOwnInteraction, RequestWentOn } from "../interactions/own_interaction.ts";
import { recordIdOf } from "../interactions/own_page.ts";
import {
  type AuthorizationRequestParameters,
  parseAuthorizationParameters,
} from "../protocol/authorization_parameters.ts";
import { resourceRefs } from "../grantable/resources.ts";
import type { Grantable } from "../grantable/grantable.ts";
import { readGrantable } from "../grantable/requested.ts";
import { isOnlyFor, requirementOf } from "../interactions/request_requirement.ts";
import { type ResponseTarget, responseTarget } from "../interactions/target.ts";

/** The content of the consent page of a pending request. */
export interface PendingRequest {
  readonly client: Client;
  readonly target: ResponseTarget;
  readonly request: AuthorizationRequestParameters;
  readonly live: LiveSession | null;
  /** Whether the request names the signed-in user, so that no other account can meet it. */
  readonly isOnlyTheirs: boolean;
  /** The grantable map. */
  readonly grantable: Grantable;
  readonly customClaims: Provider["customClaims"];
  readonly authorizationDetailTypes: Provider["authorizationDetailTypes"];
}

/**
 * Reads a pending request for its consent page.
 *
 * @throws {OAuthError} if it is another browser's, or no longer pending
 */
export async function readPendingRequest(
  deps: Deps,
  { interactionId, browserDigest, session: cookie }: {
    readonly interactionId: string;
    readonly browserDigest: string;
    readonly session: SessionCookie | null;
  },
): Promise<PendingRequest> {
  // It belongs to a page of this server, so no client gets anything.
  if (recordIdOf(interactionId) !== interactionId) throw new RequestWentOn(interactionId);
  return await deps.kv.step(systemOrigin, async (tx) => {
    const first = await providers.read(tx, {
      interaction: interactions.ref(interactionId),
      ...sessionRefs(cookie),
    });
    const { provider } = first;
    const interaction = assertOwnInteraction(first.interaction, { browserDigest, provider });
    if (!isFresh(interaction)) throw new RequestWentOn(interactionId);
    const { request: asked } = interaction.value;
    // There is no client that needs a consent, or it is given on a page of its own.
    if (asked.kind !== "authorization") throw new RequestWentOn(interactionId);
    const { clientId, parameters, hintedSubject } = asked;
    const named = resourceRefs(parameters);
    const second = await tx.read({ client: clients.ref(clientId) }, named);
    const { client, target } = responseTarget(second.client.value, parameters);
    const request = parseAuthorizationParameters(parameters);
    const live = liveSession(cookie, { ...first, provider });
    const subjects = await subjectsOf(deps, client);
    const requirement = requirementOf(request, client, hintedSubject, subjects);
    return {
      client,
      target,
      request,
      live,
      isOnlyTheirs: live !== null && isOnlyFor(requirement, live.userId),
      customClaims: provider.customClaims,
      authorizationDetailTypes: provider.authorizationDetailTypes,
      grantable: (await readGrantable(deps, tx, client, request)).grantable,
    };
  });
}
