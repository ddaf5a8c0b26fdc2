import { z } from "zod";
import * as assertionJtis from "../../stores/assertion_jtis.ts";
import * as auditEvents from "../../stores/audit_events.ts";
import { confirmationSchema } from "../../stores/confirmation.ts";
import type { Present } from "../../stores/engine/collection.ts";
import type { Transaction } from "../../stores/engine/transaction.ts";
import { jwtBearer, tokenEvents } from "../../stores/grant_types.ts";
import * as grants from "../../stores/grants.ts";
import * as issuerKeys from "../../stores/issuer_keys.ts";
import type { Provider } from "../../stores/provider.ts";
import * as resources from "../../stores/resources.ts";
import { Unspent } from "../../stores/used_once.ts";
import * as users from "../../stores/users.ts";
import type { User } from "../../stores/users.ts";
import { type Call, type Caller, readCaller, spendProofs } from "../callers/caller.ts";
import { clientStep } from "../callers/client_step.ts";
import { subjectOf } from "../claims/subject.ts";
import { mayUse } from "../clients/allowed_groups.ts";
import type { AuthenticatedClient } from "../clients/authenticate.ts";
import { isStillTrusted, trustOf } from "../clients/other_issuers.ts";
import type { Deps } from "../deps/deps.ts";
import { assertedGrantable } from "../grantable/asserted.ts";
import { aboutDetails } from "../grantable/grantable.ts";
import { wordsApart } from "../identifiers/apart.ts";
import { assertSender } from "../issuing/sender_constraint.ts";
import { accessTokenResponse, type TokenResponse } from "../issuing/token_response.ts";
import { OAuthError } from "../protocol/errors.ts";
import { assertResourceIndicator, parseParameters } from "../protocol/parameters.ts";
import { stillLives } from "../sessions/still_lives.ts";
import { issueAccessToken } from "../tokens/access_token.ts";
import type { Binding } from "../tokens/confirmation.ts";
import {
  type AssertedUser,
  assertedUser,
  assertedUserRefs,
  readAssertedUserId,
} from "./asserted_user.ts";
import { sessionlessGrant } from "./client_credentials.ts";
import {
  detailsParameter,
  resourceParameter,
  scopeParameter,
  tokenParameter,
} from "./request_parameters.ts";
import {
  type PresentedGrant,
  presentedGrant,
  refusedAssertion,
  verifyGrant,
} from "./trusted_assertion.ts";

const parameters = z.object({
  assertion: tokenParameter,
  scope: scopeParameter,
  resource: resourceParameter,
  authorization_details: detailsParameter,
});
const rules = { grantType: jwtBearer, confidential: true } as const;

/**
 * Gives a client a token for a user whom another server asserts: a JWT for this server, or an ID-JAG. Each
 * assertion is used once. There is no refresh token, because the issuer decides again by the next one.
 *
 * @throws {OAuthError} `invalid_grant` for an assertion that is not accepted, whatever the reason;
 *   `invalid_client`, `unauthorized_client`, `invalid_scope`, `invalid_target`,
 *   `invalid_authorization_details`
 * @see RFC 7523 section 2.1, draft-ietf-oauth-identity-assertion-authz-grant section 4.4
 */
export async function exchangeAssertion(deps: Deps, call: Call): Promise<TokenResponse> {
  const params = parseParameters(parameters, call.form);
  params.resource.forEach(assertResourceIndicator);
  const presented = await presentedGrant(deps, call.origin, params.assertion);
  const { trusted: { issuer, jwks }, claims: { jti, ...claims } } = presented;
  const assertedBy = trustOf(presented.trusted);
  const asserted = assertedUser(presented);
  const trace = await assertionJtis.ref(issuer, jti);
  const keysRef = jwks === null ? issuerKeys.ref(issuer) : null;
  const prefetch = [
    ...(keysRef === null ? [] : [keysRef]),
    ...assertedUserRefs(asserted),
    ...params.resource.slice(0, 1).map(resources.ref),
  ];
  return await clientStep(deps, call, async (tx) => {
    const read = await readCaller(deps, tx, call, { used: trace }, { ...rules, prefetch });
    const { caller, provider, used } = read;
    const { client } = caller;
    const { keys } = await tx.peek({ keys: keysRef }, "registration");
    const usable = await verifyGrant(presented, {
      clientId: client.clientId,
      issuer: deps.config.issuer,
      now: tx.now,
      fetchedKeys: keys?.value ?? null,
    });
    // It may have been deleted since it was found.
    if (!isStillTrusted(deps.config, provider, { assertedBy, clientId: client.clientId })) {
      throw refusedAssertion("assertion_issuer_unknown");
    }
    const unspent = Unspent.check(tx, used, usable);
    if (unspent === null) throw refusedAssertion("assertion_used");
    const binding = assertKey(caller, presented);
    const { scope, resource, authorization_details: details } = claims;
    const { grantable, audience } = await assertedGrantable(deps, tx, client, {
      scope: scope === undefined ? null : wordsApart(scope),
      resources: resource ?? null,
      details,
    }, params);
    const user = await readUser(tx, client, provider, asserted);
    await spendProofs(tx, caller);
    unspent.spend(tx);

    const grantId = tx.ids.id();
    const granted = { client, user, assertedBy, grantable, provider };
    const grant = sessionlessGrant(deps, tx, granted);
    grants.add(tx, grantId, grant);
    const issued = await issueAccessToken(deps, tx, {
      client,
      binding,
      provider,
      grantId,
      ownGrant: null,
      subject: await subjectOf(deps, client, users.idOf(user)),
      audience,
      grant,
    });
    auditEvents.append(tx, {
      type: tokenEvents[jwtBearer],
      clientId: client.clientId,
      userId: users.idOf(user),
      actor: `client:${client.clientId}`,
      grantId,
      about: [issuer, ...Object.values(aboutDetails(grantable))].join(" "),
    });
    return accessTokenResponse(issued, audience);
  });
}

/** An assertion that is bound to a key needs a proof of that key, and its tokens are bound to the same key. */
function assertKey(caller: Caller, { claims: { cnf } }: PresentedGrant): Binding {
  if (cnf === undefined) return assertSender(caller, null);
  const bound = confirmationSchema.safeParse(cnf);
  // Another confirmation method cannot be checked here, and is not ignored.
  const names = Object.keys(cnf);
  const isKnown = names.every((name) => name === "jkt" || name === "x5t#S256");
  if (names.length === 0 || !isKnown || !bound.success) throw refusedAssertion("assertion_wrong");
  const { jkt, "x5t#S256": certificate } = bound.data;
  // A missing proof is invalid_grant here (section 9.8.1 of the draft for ID-JAGs).
  if (
    (jkt !== undefined && caller.proof === null) ||
    (certificate !== undefined && caller.certificate === null)
  ) {
    throw new OAuthError(
      "invalid_grant",
      "the assertion is bound to a key: send a DPoP proof of it, or its certificate",
      { reason: "key_wrong" },
    );
  }
  return assertSender(caller, bound.data);
}

/** @throws {OAuthError} `invalid_grant` if the rules find nobody, or nobody who may use the client */
async function readUser(
  tx: Transaction,
  client: AuthenticatedClient,
  provider: Provider,
  asserted: AssertedUser,
): Promise<Present<User>> {
  const userId = await readAssertedUserId(tx, asserted);
  if (userId === null) throw refusedAssertion("assertion_user_unknown");
  const { user } = await tx.read({ user: users.ref(userId) });
  if (user.value === null) throw refusedAssertion("assertion_user_unknown");
  const { epoch } = user.value;
  const remembered = { userId, epoch, providerEpoch: provider.epoch };
  if (!stillLives(remembered, { user, provider }) || !mayUse(client, user.value)) {
    throw refusedAssertion("assertion_user_unknown");
  }
  return user;
}
