import { z } from "zod";
import * as auditEvents from "../../stores/audit_events.ts";
import { recordedClient } from "../../stores/client_identity.ts";
import type { Transaction } from "../../stores/engine/transaction.ts";
import * as grants from "../../stores/grants.ts";
import * as providers from "../../stores/provider.ts";
import * as resources from "../../stores/resources.ts";
import { type Call, type Caller, readCaller, spendProofs } from "../callers/caller.ts";
import { clientStep } from "../callers/client_step.ts";
import type { Deps } from "../deps/deps.ts";
import { exchangedAudience, targetNames } from "../grantable/exchanged.ts";
import { assertSender } from "../issuing/sender_constraint.ts";
import { accessTokenResponse, type TokenResponse } from "../issuing/token_response.ts";
import { OAuthError } from "../protocol/errors.ts";
import { tokenTypes } from "../../stores/exchange_policy.ts";
import { tokenEvents, tokenExchange } from "../../stores/grant_types.ts";
import { assertResourceIndicator, parseParameters } from "../protocol/parameters.ts";
import { issueAccessToken } from "../tokens/access_token.ts";
import { actorsOf, ancestorsOf, assertActor, assertMayPresent } from "./exchange_rules.ts";
import {
  type ExchangeableToken,
  presentedRefs,
  presentedToken,
  readPresented,
} from "./presented_token.ts";
import {
  detailsParameter,
  resourceParameter,
  scopeParameter,
  tokenParameter,
} from "./request_parameters.ts";

const type = z.string("is missing").max(256);
const parameters = z.object({
  subject_token: tokenParameter,
  subject_token_type: type,
  actor_token: tokenParameter.optional(),
  actor_token_type: type.optional(),
  requested_token_type: type.optional(),
  audience: resourceParameter,
  resource: resourceParameter,
  scope: scopeParameter,
  authorization_details: detailsParameter,
});
type ExchangeParameters = z.infer<typeof parameters>;
const rules = { grantType: tokenExchange, confidential: true } as const;

/**
 * Exchanges a token of this server for another one of the same grant: narrower, for another audience, or
 * with an actor. It ends with the grant, and no later than the subject token.
 *
 * @throws {OAuthError} `invalid_request` for a subject or actor token that is not accepted, whatever the
 *   reason; `invalid_target`, `invalid_scope`, `invalid_authorization_details`, `invalid_client`,
 *   `unauthorized_client`
 * @see RFC 8693 section 2
 */
export async function exchangeToken(deps: Deps, call: Call): Promise<TokenResponse> {
  if (call.form.requested_token_type === tokenTypes.idJag) {
    const { issueIdJag } = await import("./id_jag.ts");
    return await issueIdJag(deps, call);
  }
  if (call.form.actor_token_type === tokenTypes.deviceSecret) {
    const { exchangeDeviceSecret } = await import("./native_sso.ts");
    return await exchangeDeviceSecret(deps, call);
  }
  const params = parseParameters(parameters, call.form);
  const issuedType = issuedTypeOf(params);
  const targets = targetNames(params.audience, params.resource);
  targets.forEach(assertResourceIndicator);
  const presented = await presentedToken(
    deps,
    "subject_token",
    params.subject_token,
    params.subject_token_type,
  );
  const refs = presentedRefs(presented);
  const actor = await readActor(deps, call, params);
  return await clientStep(deps, call, async (tx) => {
    const { caller, provider, ...first } = await readCaller(deps, tx, call, refs, rules);
    const { client } = caller;
    const also = targets.map(resources.ref);
    const found = await readPresented(deps, tx, presented, { ...first, provider }, also);
    const subject = await assertMayPresent(deps, tx, caller, found);
    if (actor !== undefined) assertActor(caller, actor);
    const actors = actorsOf(caller, subject, actor ?? null);
    const bound = { ...actor?.confirmation, ...subject.confirmation };
    const binding = assertSender(caller, bound);
    const audience = await exchangedAudience(deps, tx, client, {
      resource: subject.resource,
      isOwn: subject.client.clientId === client.clientId,
      ofUser: subject.userId !== null,
      scopeAt: subject.scopeAt,
      details: subject.details,
    }, { ...params, targets });
    if (issuedType === tokenTypes.jwt && audience.format !== "jwt") {
      throw new OAuthError("invalid_request", "this target takes no JWT as its access token");
    }
    await spendProofs(tx, caller);
    const { grant } = subject;
    const grantId = grants.idOf(grant);
    const issued = await issueAccessToken(deps, tx, {
      client,
      binding,
      provider,
      grantId,
      ownGrant: subject.ownGrant,
      subject: subject.subject,
      audience,
      grant: grant.value,
      exchange: {
        ...recordedClient(client),
        actors,
        ancestors: ancestorsOf(subject),
      },
      notAfter: Math.min(
        subject.expiresAt,
        grant.value.expiresAt,
        actor?.expiresAt ?? Infinity,
      ),
    });
    recordExchange(deps, tx, { caller, subject, actor, resource: audience.resource });
    return {
      ...accessTokenResponse(issued, audience),
      issued_token_type: issuedType,
    };
  });
}

/** @throws {OAuthError} `invalid_request` for a type that is not issued */
function issuedTypeOf({ requested_token_type: requested }: ExchangeParameters): string {
  if (requested === undefined || requested === tokenTypes.accessToken) {
    return tokenTypes.accessToken;
  }
  if (requested === tokenTypes.jwt) return tokenTypes.jwt;
  throw new OAuthError(
    "invalid_request",
    "requested_token_type must be access_token, jwt or id-jag, as a urn:ietf:params:oauth:token-type",
  );
}

/**
 * Reads the actor's token, in a step of its own: it only tells who asks, and the other step has enough to
 * check.
 *
 * @returns null: it is not valid; undefined: there is none
 */
async function readActor(
  deps: Deps,
  { origin }: Call,
  { actor_token: sent, actor_token_type: sentType }: ExchangeParameters,
): Promise<ExchangeableToken | null | undefined> {
  if ((sent === undefined) !== (sentType === undefined)) {
    throw new OAuthError("invalid_request", "actor_token and actor_token_type go together");
  }
  if (sent === undefined || sentType === undefined) return undefined;
  const presented = await presentedToken(deps, "actor_token", sent, sentType);
  return await deps.kv.step(origin, async (tx) => {
    const first = await providers.read(tx, presentedRefs(presented));
    return await readPresented(deps, tx, presented, first);
  });
}

/** Names the subject (or its client), who acts, and the audience. */
function recordExchange(
  { config }: Deps,
  tx: Transaction,
  { caller, subject, actor, resource }: {
    readonly caller: Caller;
    readonly subject: ExchangeableToken;
    readonly actor: ExchangeableToken | undefined;
    readonly resource: string | null;
  },
) {
  const { clientId } = caller.client;
  const audience = resource ?? config.issuer;
  auditEvents.append(tx, {
    type: tokenEvents[tokenExchange],
    clientId,
    userId: subject.userId,
    actor: actor?.userId != null ? `person:${actor.userId}` : `client:${clientId}`,
    grantId: grants.idOf(subject.grant),
    sessionId: subject.grant.value.sessionId,
    about: subject.userId === null ? `${audience} for ${subject.subject}` : audience,
  });
}
