import { z } from "zod";
import * as auditEvents from "../../stores/audit_events.ts";
import type { Client } from "../../stores/clients.ts";
import type { Consent } from "../../stores/consents.ts";
import { tokenTypes } from "../../stores/exchange_policy.ts";
import { tokenEvents, tokenExchange } from "../../stores/grant_types.ts";
import * as grants from "../../stores/grants.ts";
import { covers, scopeAt, scopeNames } from "../../stores/resource_scopes.ts";
import { type Call, readCaller, renewRegistration, spendProofs } from "../callers/caller.ts";
import { clientStep } from "../callers/client_step.ts";
import { adminResource } from "../clients/admin_resource.ts";
import type { Deps } from "../deps/deps.ts";
import { readGranted } from "../grantable/audience.ts";
import { type Grantable, sharesSignIn } from "../grantable/grantable.ts";
import { readGrantable } from "../grantable/requested.ts";
import { dsHashOf } from "../issuing/device_secret.ts";
import { addFamily, issueTokens } from "../issuing/issue_tokens.ts";
import { toldSession } from "../issuing/live_grant.ts";
import { newGrant } from "../issuing/new_grant.ts";
import { assertSender } from "../issuing/sender_constraint.ts";
import { noteSessionClient } from "../issuing/session_client.ts";
import type { TokenResponse } from "../issuing/token_response.ts";
import {
  assertNoDetails,
  type AuthorizationRequestParameters,
  parseAuthorizationParameters,
} from "../protocol/authorization_parameters.ts";
import { OAuthError } from "../protocol/errors.ts";
import { assertResourceIndicator, parseParameters } from "../protocol/parameters.ts";
import { readDeviceIdToken } from "../tokens/id_token_hint.ts";
import { readSharedSignIn } from "./shared_sign_in.ts";
import {
  oneAudience,
  resourceParameter,
  scopeParameter,
  tokenParameter,
} from "./request_parameters.ts";

const parameters = z.object({
  audience: oneAudience,
  subject_token: tokenParameter,
  subject_token_type: z.literal(tokenTypes.idToken, `must be ${tokenTypes.idToken}`),
  actor_token: tokenParameter,
  requested_token_type: z.literal(tokenTypes.accessToken, `must be ${tokenTypes.accessToken}`)
    .optional(),
  scope: scopeParameter,
  resource: resourceParameter,
});
const rules = { grantType: tokenExchange } as const;

/**
 * Signs a user in to an application by the sign-in in another application on the same device. The client
 * gets a grant of its own, in the same session, as if the user had signed in for it: with the time and the
 * strength of that sign-in, and nothing that the user has not allowed this client before.
 *
 * @throws {OAuthError} `invalid_grant`, whatever is wrong with the ID token, the device secret or their
 *   session, or if the user may not use the client; `interaction_required` if the user must be asked, in
 *   a browser; `invalid_scope`, `invalid_target`, `invalid_authorization_details`, `invalid_client`,
 *   `unauthorized_client`
 * @see OpenID Connect Native SSO sections 4.1 to 4.4
 */
export async function exchangeDeviceSecret(deps: Deps, call: Call): Promise<TokenResponse> {
  const params = parseParameters(parameters, call.form);
  if (params.audience !== deps.config.issuer) {
    throw new OAuthError("invalid_target", "audience must be the issuer of this server");
  }
  if (params.scope !== undefined && params.scope.length > 0 && !params.scope.includes("openid")) {
    throw new OAuthError("invalid_scope", "scope must contain openid"); // section 4.1
  }
  params.resource.forEach(assertResourceIndicator);
  assertNoDetails(call.form); // each of them needs the user's consent
  const idToken = await readDeviceIdToken(deps, params.subject_token);
  const presented = { idToken, deviceSecret: params.actor_token };
  return await clientStep(deps, call, async (tx) => {
    const { caller, provider, grant: from } = await readCaller(deps, tx, call, {
      grant: idToken && grants.ref(idToken.grantId),
    }, rules);
    const { client } = caller;
    if (client.nativeSso === null) {
      throw new OAuthError("unauthorized_client", "the client is not registered for native_sso");
    }
    const signIn = await readSharedSignIn(deps, tx, presented, { client, provider, from }, params);
    const binding = assertSender(caller, null);
    const request = requestOf(client, signIn.consent, params);
    const { grantable } = await readGrantable(deps, tx, client, request);
    assertNeedsNobody(deps, client, grantable, signIn.consent);
    await spendProofs(tx, caller);
    renewRegistration(deps, tx, caller);

    const grantId = tx.ids.id();
    const { live } = signIn;
    const grant = {
      ref: grants.ref(grantId),
      value: {
        ...newGrant(deps, tx, {
          ...{ client, request, grantable, live, provider },
          redirectUri: null,
          codeLifetime: 0,
        }),
        // The session may have got another factor since, which the other application's user showed there.
        ...signIn.authentication,
      },
    };
    grants.add(tx, grantId, grant.value);
    const asked = { resource: params.resource };
    const { granted, audience } = await readGranted(deps, tx, client, grant.value, asked);
    const family = addFamily(deps, tx, grant, { client, binding }, { undelivered: false });
    const { response } = await issueTokens(deps, tx, {
      ...{ ...caller, binding, grant, provider, granted, audience, family },
      user: live.user,
      nonce: null,
      dsHash: sharesSignIn(granted) ? dsHashOf(params.actor_token) : null,
    });
    const told = toldSession(client, grant.value);
    if (told.session !== null && response.id_token !== undefined) {
      const { session } = told;
      await noteSessionClient(deps, tx, { session, client, user: live.user, provider });
    }
    auditEvents.append(tx, {
      type: tokenEvents[tokenExchange],
      reason: "native_sso",
      clientId: client.clientId,
      user: live.user,
      actor: `client:${client.clientId}`,
      grantId,
      sessionId: live.id,
      about: signIn.other.clientId,
    });
    return { ...response, issued_token_type: tokenTypes.accessToken };
  });
}

/** Without a scope the client asks for what the user allowed it before, apart from offline access and sharing on. */
function requestOf(
  client: Client,
  consent: Consent | null,
  { scope, resource }: Pick<z.infer<typeof parameters>, "scope" | "resource">,
): AuthorizationRequestParameters {
  const isUnnamed = scope === undefined || scope.length === 0;
  const before = isUnnamed && !client.skipConsent ? scopeNames(consent?.resourceScopes ?? []) : [];
  const asked = (name: string) => name !== "offline_access" && name !== "device_sso";
  const names = before.filter((name) => client.scope.includes(name) && asked(name));
  if (isUnnamed && !client.skipConsent && names.length === 0) throw needsConsent();
  return parseAuthorizationParameters({
    response_type: "code",
    scope: (isUnnamed ? names : scope).join(" "),
    resource,
  });
}

/**
 * This exchange shows no page, so all that it grants must be consented to before. It never grants the admin
 * API: for that an administrator signs in.
 *
 * @throws {OAuthError} `interaction_required`
 * @see OpenID Connect Native SSO section 4.4
 */
function assertNeedsNobody(
  deps: Deps,
  client: Client,
  { resourceScopes }: Grantable,
  consent: Consent | null,
) {
  if (scopeAt(resourceScopes, adminResource(deps.config)).length > 0) throw needsConsent();
  if (client.skipConsent) return;
  if (consent === null || !covers(consent.resourceScopes, resourceScopes)) throw needsConsent();
}

function needsConsent(): OAuthError {
  return new OAuthError(
    "interaction_required",
    "scope needs the consent of the user: send an authorization request first",
  );
}
