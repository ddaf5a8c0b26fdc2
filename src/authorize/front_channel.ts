import * as auditEvents from "../../stores/audit_events.ts";
import type { Transaction } from "../../stores/engine/transaction.ts";
import { tokenEvents } from "../../stores/grant_types.ts";
import { mayCarryTokens, mustBindTokens } from "../clients/profile.ts";
import { subjectOf } from "../claims/subject.ts";
import type { Deps } from "../deps/deps.ts";
import { readGranted } from "../grantable/audience.ts";
import { aboutDetails } from "../grantable/grantable.ts";
import { OAuthError } from "../protocol/errors.ts";
import { holds } from "../protocol/response_type.ts";
import { issueAccessToken } from "../tokens/access_token.ts";
import { unbound } from "../tokens/confirmation.ts";
import { toldSession } from "../issuing/live_grant.ts";
import { noteSessionClient } from "../issuing/session_client.ts";
import { signIdToken } from "../tokens/id_token.ts";
import { addCode, addGrant, type Authorization, type Issued } from "./issue_code.ts";

/**
 * Adds a grant to the step, with what the response type asks for: tokens that go through the browser, and
 * a code beside them. There is never a refresh token.
 *
 * @throws {OAuthError} `invalid_target` if the access token would be for several resources
 * @see OpenID Connect Core sections 3.2.2.5 and 3.3.2.5
 */
export async function issueInFront(
  deps: Deps,
  tx: Transaction,
  authorization: Authorization,
): Promise<Issued> {
  const { client, request, target, grantable, live, provider } = authorization;
  const type = request.response_type;
  const { grantId, grant } = addGrant(deps, tx, authorization);
  const code = holds(type, "code") ? addCode(deps, tx, authorization, grantId).code : null;
  const subject = await subjectOf(deps, client, live.userId);
  const { granted, audience } = await readGranted(deps, tx, client, grant, {
    resource: request.resource,
  });
  const token = holds(type, "token")
    ? await issueAccessToken(deps, tx, {
      client,
      provider,
      grantId,
      ownGrant: null,
      subject,
      audience,
      grant,
      binding: unbound,
    })
    : null;
  const idToken = holds(type, "id_token")
    ? await signIdToken(deps, tx, {
      client,
      grantId,
      grant,
      granted,
      user: live.user,
      provider,
      subject,
      nonce: request.nonce ?? null,
      accessToken: token?.accessToken ?? null,
      code,
      state: target.state,
      // Without any other way to the claims of the scope, they are in the ID token (Core section 5.4).
      isAlone: type === "id_token",
    })
    : null;
  const told = toldSession(client, grant);
  if (idToken !== null && told.session !== null) {
    const { session } = told;
    await noteSessionClient(deps, tx, { session, client, user: live.user, provider });
  }
  auditEvents.append(tx, {
    type: tokenEvents.implicit,
    reason: type,
    clientId: client.clientId,
    user: live.user,
    grantId,
    sessionId: live.id,
    ...aboutDetails(grantable),
  });
  return {
    grantId,
    // A reload does not issue the tokens again, so there is no code to be replaced.
    codeDigest: null,
    parameters: {
      ...(code === null ? {} : { code }),
      ...(token && {
        access_token: token.accessToken,
        token_type: token.tokenType,
        expires_in: String(token.expiresIn),
        scope: audience.scope.join(" "),
      }),
      ...(idToken === null ? {} : { id_token: idToken }),
    },
  };
}

/**
 * Whether a request may have its response type. Those with tokens are off unless the operator and the
 * client's registration both have them on.
 *
 * @throws {OAuthError} `unsupported_response_type`, `unauthorized_client`, `invalid_request`
 * @see OpenID Connect Core sections 3.2.2.1 and 3.3.2.1, RFC 9700 section 2.1.2
 */
export function assertMayCarryTokens(
  deps: Pick<Deps, "config">,
  { client, request }: Pick<Authorization, "client" | "request">,
) {
  const { response_type: type, nonce, scope } = request;
  if (!deps.config.implicit) {
    throw new OAuthError("unsupported_response_type", "response_type must be code");
  }
  if (!client.responseTypes.includes(type) || !mayCarryTokens(client)) {
    throw new OAuthError("unauthorized_client", `the client is not registered for ${type}`);
  }
  if (holds(type, "id_token") && nonce === undefined) {
    throw new OAuthError("invalid_request", "nonce is missing: response_type has id_token");
  }
  if (!scope.includes("openid")) {
    throw new OAuthError("invalid_scope", "scope must have openid for this response_type");
  }
  // They may be about accounts and amounts, which a browser keeps in its history.
  if (holds(type, "token") && request.authorization_details !== undefined) {
    throw new OAuthError(
      "invalid_authorization_details",
      "authorization_details are not accepted with a response_type that has token",
    );
  }
  // Nobody proves a key in a redirect, so such a token would be bound to nothing.
  if (holds(type, "token") && mustBindTokens(client)) {
    throw new OAuthError(
      "invalid_request",
      "response_type must not have token: the access tokens of this client are bound to a key",
    );
  }
}
