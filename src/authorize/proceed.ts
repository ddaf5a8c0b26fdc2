import * as auditEvents from "../../stores/audit_events.ts";
import { alwaysAsked } from "../../stores/authorization_detail_types.ts";
import type { Client } from "../../stores/clients.ts";
import type { Entry, Fresh } from "../../stores/engine/collection.ts";
import * as consents from "../../stores/consents.ts";
import type { AuthorizationRequest } from "../../stores/interaction_request.ts";
import * as interactions from "../../stores/interactions.ts";
import type { Provider } from "../../stores/provider.ts";
import { scopeAt } from "../../stores/resource_scopes.ts";
import type { Transaction } from "../../stores/engine/transaction.ts";
import { subjectsOf } from "../claims/subject.ts";
import { adminResource } from "../clients/admin_resource.ts";
import { mustPush } from "../clients/profile.ts";
import type { Deps } from "../deps/deps.ts";
import { OAuthError } from "../protocol/errors.ts";
import { hintedSubjectOf } from "../tokens/id_token_hint.ts";
import { keptParameters } from "../protocol/kept_parameters.ts";
import { carriedOf, type CarriedRequest } from "../interactions/carried.ts";
import { aboutDetails, rememberedPart } from "../grantable/grantable.ts";
import { checkedRequest } from "./checked_request.ts";
import { type ConsentAnswer, decide, type SignedIn } from "./decide.ts";
import { issueCode } from "./issue_code.ts";
import type { RawParameters } from "../protocol/parameters.ts";
import { assertUnspent, keptSource, type RequestSource, spendSource } from "./request_source.ts";
import { assertSignedIfMust } from "./signed_request.ts";
import { type AuthorizeAnswer, sessionStateFor, successResponse } from "./response.ts";
import { AuthorizationError, type ResponseTarget, responseTarget } from "../interactions/target.ts";

/** Everything that a step has read for an authorization request. */
export interface AuthorizationState {
  readonly parameters: RawParameters;
  readonly client: Entry<Client>;
  readonly provider: Provider;
  readonly signedIn: SignedIn | null;
  readonly source: RequestSource;
  readonly interaction: Fresh<interactions.Interaction> | null;
  /** The subject of an `id_token_hint` that was verified when the request arrived. */
  readonly hintedSubject: string | null;
  /** The digest of the browser's secret, from its cookie or new with this answer. */
  readonly browserDigest: string;
  /** The user's answer on the consent page, just now. */
  readonly answer: ConsentAnswer | null;
}

/**
 * Continues a request as far as possible: to a code, or to the page that it needs first.
 *
 * @throws {AuthorizationError} an error for the client, which spends the interaction
 * @throws {OAuthError} an error that only a page of this server may show
 */
export async function proceed(
  deps: Deps,
  tx: Transaction,
  state: AuthorizationState,
): Promise<AuthorizeAnswer> {
  const { client, target } = responseTarget(state.client.value, state.parameters);
  assertUnspent(tx, state.source, client);
  try {
    // Signing, encrypting or narrowing may fail after a grant was added.
    return await tx.attempt(() => proceedTo(deps, tx, state, client, target));
  } catch (error) {
    if (!(error instanceof OAuthError)) throw error;
    return refuse(deps, tx, state, target, error);
  }
}

/** Spends the request, in the commit of what the refusal leaves behind. */
function refuse(
  deps: Deps,
  tx: Transaction,
  state: AuthorizationState,
  target: ResponseTarget,
  error: OAuthError,
): never {
  spend(deps, tx, state, error.code, null);
  return tx.refuse(new AuthorizationError(error, target));
}

async function proceedTo(
  deps: Deps,
  tx: Transaction,
  state: AuthorizationState,
  client: Client,
  target: ResponseTarget,
): Promise<AuthorizeAnswer> {
  assertPushedIfMust(deps, client, state);
  assertSignedIfMust(deps.config, client, state.source);
  const { request, grantable } = await checkedRequest(deps, tx, client, state.parameters);
  const hintedSubject = state.hintedSubject ??
    await hintedSubjectOf(deps, request.id_token_hint, {
      isSilent: request.prompt.includes("none"),
    });
  const decision = decide({
    now: tx.now,
    client,
    request,
    redirectUri: target.redirectUri,
    grantable,
    alwaysAsks: alwaysAsked(state.provider.authorizationDetailTypes, grantable.details).length > 0,
    administers: scopeAt(grantable.resourceScopes, adminResource(deps.config)).length > 0,
    signedIn: state.signedIn,
    interaction: state.interaction?.value ?? null,
    hintedSubject,
    subjectOf: await subjectsOf(deps, client),
    answer: state.answer,
  });
  if (decision.next === "page") {
    const carried = pause(deps, tx, state, { clientId: client.clientId, hintedSubject });
    return { kind: "page", page: decision.page, ...carried };
  }
  const { live, consent } = decision.signedIn;
  const event = { clientId: client.clientId, user: live.user };
  if (decision.next === "deny") {
    const mayNot = decision.because === "no_access";
    const type = mayNot ? "authorization_refused" : "consent_denied";
    const reason = mayNot ? { reason: "user_not_in_group" } : {};
    auditEvents.append(tx, { type, outcome: "failure", ...reason, ...event });
    const why = mayNot ? "the user may not use this client" : "the user did not give consent";
    return refuse(deps, tx, state, target, new OAuthError("access_denied", why));
  }
  if (decision.consents) {
    consents.remember(tx, client, consent, rememberedPart(grantable, state.provider));
    auditEvents.append(tx, { type: "consent_given", ...event, ...aboutDetails(grantable) });
  }
  const { provider } = state;
  const authorization = { client, request, target, grantable, live, provider };
  const issued = request.response_type === "code"
    ? issueCode(deps, tx, authorization)
    : await (await import("./front_channel.ts")).issueInFront(deps, tx, authorization);
  spend(deps, tx, state, issued.grantId, issued.codeDigest);
  const { resourceScopes } = grantable;
  const browserState = sessionStateFor(tx, { client, target, resourceScopes, live });
  const parameters = { ...issued.parameters, ...browserState };
  return await successResponse(deps, tx, provider, target, parameters);
}

/** @see RFC 9126 sections 5 and 6 */
function assertPushedIfMust(deps: Deps, client: Client, { source }: AuthorizationState) {
  const must = mustPush(client) || deps.config.requirePushedAuthorizationRequests;
  if (!must || source.kind === "pushed") return;
  throw new OAuthError("invalid_request", "the request must be pushed to the endpoint /par first");
}

/** Spends the source of the request, in the commit that answers it. */
function spend(
  deps: Deps,
  tx: Transaction,
  { interaction, source, parameters }: AuthorizationState,
  spentBy: string,
  codeDigest: string | null,
) {
  if (interaction !== null) interactions.consume(tx, interaction, { spentBy, codeDigest });
  spendSource(deps, tx, source, { clientId: String(parameters.client_id), spentBy });
}

/** Stores the request while the user is on a page of this server. */
function pause(
  deps: Deps,
  tx: Transaction,
  state: AuthorizationState,
  { clientId, hintedSubject }: Pick<
    AuthorizationRequest,
    "clientId" | "hintedSubject"
  >,
): { readonly interactionId: string; readonly carried: CarriedRequest | null } {
  if (state.interaction !== null) {
    const interactionId = interactions.idOf(state.interaction);
    return { interactionId, carried: carriedOf(state.interaction) };
  }
  const interactionId = tx.ids.id();
  const { browserDigest } = state;
  const paused = {
    request: {
      kind: "authorization",
      clientId,
      parameters: keptParameters(state.parameters),
      hintedSubject,
      ...keptSource(state.source),
    },
    browserDigest,
    providerEpoch: state.provider.epoch,
    expiresAt: tx.now + deps.config.lifetimes.interaction,
  } satisfies interactions.Pending;
  interactions.add(tx, interactionId, paused);
  const { request, providerEpoch } = paused;
  return {
    interactionId,
    carried: { interactionId, request, browserDigest, providerEpoch, createdAt: tx.now },
  };
}
