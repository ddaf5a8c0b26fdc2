import { z } from "zod";
import * as auditEvents from "../../stores/audit_events.ts";
import type { Present } from "../../stores/engine/collection.ts";
import * as grants from "../../stores/grants.ts";
import { tokenEvents } from "../../stores/grant_types.ts";
import * as families from "../../stores/refresh_token_families.ts";
import type { RefreshTokenFamily } from "../../stores/refresh_token_families.ts";
import type { Transaction } from "../../stores/engine/transaction.ts";
import { assertResourceIndicator, parseParameters } from "../protocol/parameters.ts";
import { clientStep } from "../callers/client_step.ts";
import { type Call, readCaller, renewRegistration, spendProofs } from "../callers/caller.ts";
import type { AuthenticatedClient } from "../clients/authenticate.ts";
import { rotatesRefreshTokens } from "../clients/profile.ts";
import type { Deps } from "../deps/deps.ts";
import { grantedRefs, readGranted } from "../grantable/audience.ts";
import { sharesSignIn } from "../grantable/grantable.ts";
import { invalidGrant } from "../protocol/errors.ts";
import { parseRefreshToken, type RefreshToken } from "../tokens/refresh_token.ts";
import { issueTokens } from "../issuing/issue_tokens.ts";
import { readGrantUser } from "../issuing/grant_user.ts";
import { isWithinGrace, keptForRepeats, repeatedResponse } from "../issuing/refresh_grace.ts";
import {
  detailsParameter,
  deviceSecretParameter,
  resourceParameter,
  scopeParameter,
  secretParameter,
} from "./request_parameters.ts";
import { assertSender } from "../issuing/sender_constraint.ts";
import type { TokenResponse } from "../issuing/token_response.ts";

const parameters = z.object({
  refresh_token: secretParameter,
  scope: scopeParameter,
  resource: resourceParameter,
  authorization_details: detailsParameter,
  device_secret: deviceSecretParameter,
});
const rules = { grantType: "refresh_token" } as const;

/**
 * Issues a new access token, and a new refresh token that replaces the presented one. If an older
 * generation comes back, it was probably stolen: the grant ends with everything that it issued.
 *
 * @throws {OAuthError} `invalid_client`; `invalid_grant`; `invalid_scope` if the scope would grow;
 *   `invalid_authorization_details` if those would
 * @see RFC 6749 section 6, RFC 9700 section 4.14.2, OpenID Connect Core section 12, OpenID
 *   Connect Native SSO section 3.4.3 (the device secret)
 */
export async function exchangeRefreshToken(
  deps: Deps,
  call: Call,
): Promise<TokenResponse> {
  const params = parseParameters(parameters, call.form);
  params.resource.forEach(assertResourceIndicator);
  const token = await parseRefreshToken(deps.masterKey, params.refresh_token);
  return await clientStep(deps, call, async (tx) => {
    const { caller, grant, family, provider } = await readCaller(deps, tx, call, {
      grant: token && grants.ref(token.grantId),
      family: token && families.ref(token.grantId),
    }, rules);
    const { client } = caller;
    if (
      token === null || grant === null || family === null || family.value === null ||
      grant.value === null || family.value.clientId !== client.clientId
    ) {
      throw invalidGrant(
        "the refresh token is unknown, has expired or was revoked",
        "refresh_token_unknown",
      );
    }
    const binding = assertSender(caller, family.value.confirmation);
    // The second batch: the user, the grant's session and its resources.
    const prefetch = grantedRefs(params.resource, grant.value);
    const user = await readGrantUser(deps, tx, client, grant, provider, prefetch);
    if (user === null) throw invalidGrant("what the person allowed has ended", "grant_ended");

    const own = { ...caller, binding, grant, user, provider, nonce: null };
    const repeated = await repeatedResponse(
      tx,
      family,
      token,
      binding,
      params,
      async (again) => {
        const parts = await readGranted(deps, again, client, grant.value, params);
        const issue = { ...own, ...parts, family: family.value };
        return (await issueTokens(deps, again, issue)).response;
      },
    );
    if (repeated !== null) {
      await spendProofs(tx, caller);
      return repeated;
    }
    const next = isNewest(family, token)
      ? successor(deps, tx, client, family.value)
      : isWithinGrace(tx, family, token, caller)
      ? family.value // beside another request, which has replaced the token
      : null;
    if (next === null) {
      if (token.generation > family.value.generation) {
        // Only a store that was restored from a backup can have a lower generation than a valid token.
        throw invalidGrant(
          "the refresh token is newer than what is known of it",
          "refresh_token_unknown",
        );
      }
      tx.assertSettled();
      grants.end(tx, grant, "reuse_detected", user);
      return tx.refuse(invalidGrant("the refresh token was used before", "refresh_token_used"));
    }

    await spendProofs(tx, caller);
    renewRegistration(deps, tx, caller);
    const { granted, audience } = await readGranted(deps, tx, client, grant.value, params);
    const shared = sharesSignIn(granted)
      ? await (await import("../issuing/device_secret.ts")).deviceSecretOf(tx, {
        ...{ client, grant: grant.value, user, provider },
        presented: params.device_secret,
      })
      : null;
    const rotates = next.generation !== family.value.generation;
    const kept = rotates
      ? keptForRepeats(tx, { client, binding, audience }, params)
      : { tx, keep: () => null };
    const issued = await issueTokens(deps, kept.tx, {
      ...own,
      granted,
      audience,
      family: next,
      dsHash: shared?.dsHash ?? null,
    });
    const response = shared === null
      ? issued.response
      : { ...issued.response, device_secret: shared.deviceSecret };
    if (next === family.value) {
      // Both requests continue with the newest token, which the first request created.
    } else if (rotates) {
      const grace = kept.keep(response);
      const presented = token.generation;
      families.rotate(tx, family, { expiresAt: next.expiresAt, grace, presented });
    } else {
      families.extend(tx, family, next.expiresAt);
    }
    auditEvents.append(tx, {
      type: tokenEvents.refresh_token,
      clientId: client.clientId,
      user,
      grantId: token.grantId,
      sessionId: grant.value.sessionId,
    });
    return response;
  });
}

/** The newest token; the presented one if the newest was never delivered. */
function isNewest(family: Present<RefreshTokenFamily>, token: RefreshToken): boolean {
  const { generation, undelivered, presented } = family.value;
  return token.generation === generation || (undelivered && token.generation === presented);
}

/** The family after this use. */
function successor(
  deps: Deps,
  tx: Transaction,
  client: AuthenticatedClient,
  family: RefreshTokenFamily,
): RefreshTokenFamily {
  const expiresAt = Math.min(tx.now + deps.config.lifetimes.refreshTokenIdle, family.endsAt);
  // A token that is bound to a key is useless without the key, so it need not rotate (RFC 9700 section
  // 2.2.2).
  const rotates = rotatesRefreshTokens(client) && family.confirmation === null;
  const generation = family.generation + (rotates ? 1 : 0);
  return { ...family, generation, expiresAt };
}
