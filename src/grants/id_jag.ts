import { z } from "zod";
import * as auditEvents from "../../stores/audit_events.ts";
import * as grants from "../../stores/grants.ts";
import { type Call, readCaller, spendProofs } from "../callers/caller.ts";
import { clientStep } from "../callers/client_step.ts";
import { claimsFor } from "../claims/claims.ts";
import type { AuthenticatedClient } from "../clients/authenticate.ts";
import { signingAlgorithm } from "../clients/profile.ts";
import type { Deps } from "../deps/deps.ts";
import { sameAmong } from "../grantable/resources.ts";
import { assertSender } from "../issuing/sender_constraint.ts";
import type { TokenResponse } from "../issuing/token_response.ts";
import { OAuthError } from "../protocol/errors.ts";
import { tokenTypes } from "../../stores/exchange_policy.ts";
import { tokenEvents, tokenExchange } from "../../stores/grant_types.ts";
import { assertNoDetails } from "../protocol/authorization_parameters.ts";
import { assertResourceIndicator, parseParameters } from "../protocol/parameters.ts";
import { assertMayPresent } from "./exchange_rules.ts";
import { presentedRefs, presentedToken, readPresented } from "./presented_token.ts";
import {
  oneAudience,
  resourceParameter,
  scopeParameter,
  tokenParameter,
} from "./request_parameters.ts";

const parameters = z.object({
  subject_token: tokenParameter,
  subject_token_type: z.literal(tokenTypes.idToken, `must be ${tokenTypes.idToken}`),
  audience: oneAudience.max(256),
  resource: resourceParameter,
  scope: scopeParameter,
  actor_token: z.never("is not supported for this type").optional(),
});
type IdJagParameters = z.infer<typeof parameters>;
const rules = { grantType: tokenExchange, confidential: true } as const;

/** Seconds: it is handed to the other server at once. */
const longestLifetime = 300;

/**
 * Issues an identity assertion of a client's user for another authorization server, which gives the
 * client an access token for it. Nothing is stored but the event.
 *
 * @throws {OAuthError} `invalid_request` for an ID token that is not the client's, or whose grant or
 *   session has ended; `invalid_target`, `invalid_scope`, `invalid_client`, `unauthorized_client`
 * @see draft-ietf-oauth-identity-assertion-authz-grant sections 3 and 4.3
 */
export async function issueIdJag(deps: Deps, call: Call): Promise<TokenResponse> {
  const params = parseParameters(parameters, call.form);
  assertNoDetails(call.form);
  params.resource.forEach(assertResourceIndicator);
  const { subject_token: token, subject_token_type: type } = params;
  const presented = await presentedToken(deps, "subject_token", token, type);
  return await clientStep(deps, call, async (tx) => {
    const refs = presentedRefs(presented);
    const { caller, provider, ...first } = await readCaller(deps, tx, call, refs, rules);
    const { client } = caller;
    const found = await readPresented(deps, tx, presented, { ...first, provider });
    const subject = await assertMayPresent(deps, tx, caller, found);
    const { confirmation } = assertSender(caller, subject.confirmation);
    const { clientId, scope, resources } = permitted(client, params);
    await spendProofs(tx, caller);
    const { grant, user } = subject;
    const { authTime, acr, amr } = grant.value;
    const [resource, ...more] = resources;
    const expiresIn = Math.min(longestLifetime, subject.expiresAt - tx.now);
    // The other server may know its user by the address.
    const told = subject.scopeAt(null).includes("email") ? ["email", "email_verified"] : [];
    const claims = {
      ...(user && claimsFor({ claimRules: [] }, user, provider, { scope: [], names: told })),
      iss: deps.config.issuer,
      sub: subject.subject,
      aud: params.audience,
      client_id: clientId,
      jti: tx.ids.tokenId(),
      iat: tx.now,
      exp: tx.now + expiresIn,
      ...(resource !== undefined && { resource: more.length > 0 ? resources : resource }),
      ...(scope.length > 0 && { scope: scope.join(" ") }),
      auth_time: authTime,
      acr,
      amr,
      ...(confirmation && { cnf: confirmation }),
    };
    const alg = signingAlgorithm(client);
    const { jwt } = await deps.signer.sign(provider, alg, claims, "oauth-id-jag+jwt");
    auditEvents.append(tx, {
      type: tokenEvents[tokenExchange],
      clientId: client.clientId,
      userId: subject.userId,
      actor: `client:${client.clientId}`,
      grantId: grants.idOf(grant),
      sessionId: grant.value.sessionId,
      about: params.audience,
    });
    return {
      access_token: jwt,
      token_type: "N_A",
      expires_in: expiresIn,
      scope: scope.join(" "),
      issued_token_type: tokenTypes.idJag,
    };
  });
}

/**
 * The part of the request that the client's policy allows.
 *
 * @throws {OAuthError} `invalid_target`; `invalid_scope` if nothing is left of what it asks for
 */
function permitted(
  { idJagAudiences }: AuthenticatedClient,
  { audience, resource, scope = [] }: IdJagParameters,
) {
  const policy = idJagAudiences.find((one) => one.audience === audience);
  // In the operator's spelling: the other server may compare letter by letter.
  const found = resource.map((one) => sameAmong(one, policy?.resources ?? []));
  const resources = [...new Set(found.filter((one) => one !== null))];
  if (policy === undefined || found.includes(null)) {
    throw new OAuthError(
      "invalid_target",
      "the client may not ask for an assertion for this audience and resource",
    );
  }
  const allowed = scope.filter((name) => policy.scope.includes(name));
  if (allowed.length > 0 || scope.length === 0) return { ...policy, resources, scope: allowed };
  throw new OAuthError("invalid_scope", "the client may not ask for any of the scopes there");
}
