import * as auditEvents from "../../stores/audit_events.ts";
import type { Client } from "../../stores/clients.ts";
import type { Entry, Fresh } from "../../stores/engine/collection.ts";
import * as consents from "../../stores/consents.ts";
import * as interactions from "../../stores/interactions.ts";
import type { Provider } from "../../stores/provider.ts";
import * as pushedRequests from "../../stores/pushed_requests.ts";
import type { PushedRequest } from "../../stores/pushed_requests.ts";
import { scopeAt } from "../../stores/resource_scopes.ts";
import type { Transaction } from "../../stores/engine/transaction.ts";
import { adminResource, adminScope } from "../clients/admin_resource.ts";
import type { LiveSession } from "../sessions/live_session.ts";
import { randomId } from "../crypto/random.ts";
import type { Deps } from "../deps/deps.ts";
import { OAuthError } from "../protocol/errors.ts";
import { claimNamesOf, type Grantable, grantableText } from "../grantable/grantable.ts";
import { readGrantable } from "../grantable/requested.ts";
import { hintedSubjectOf } from "../tokens/id_token_hint.ts";
import { keptParameters } from "../protocol/kept_parameters.ts";
import { decide } from "./decide.ts";
import { issueCode } from "./issue_code.ts";
import {
  type AuthorizationRequestParameters,
  parseAuthorizationParameters,
} from "../protocol/authorization_parameters.ts";
import { assertSupportedPrompt } from "../protocol/authorization_parameters.ts";
import type { RawParameters } from "../protocol/parameters.ts";
import { assertUnspent } from "./request_uri.ts";
import { AuthorizationError, type ResponseTarget, responseTarget } from "../interactions/target.ts";

/** All that a step has read of an authorization request. */
export interface AuthorizationState {
  readonly parameters: RawParameters;
  readonly client: Entry<Client>;
  readonly provider: Provider;
  readonly live: LiveSession | null;
  readonly consent: Entry<consents.Consent> | null;
  /** What the request was pushed as, which its answer spends. */
  readonly pushed: Entry<PushedRequest> | null;
  readonly interaction: Fresh<interactions.Interaction> | null;
  /** Of the cookie that the browser has, or gets with the answer. */
  readonly browserDigest: string | null;
  /** What the person has just answered on the consent page. */
  readonly answer: ConsentAnswer | null;
}

/** What somebody answered on the consent page. */
export interface ConsentAnswer {
  readonly decision: "allow" | "deny";
  /** What the page told them of, as `grantableText` writes it. */
  readonly told: string;
}

export type AuthorizeAnswer =
  /** To the client, by way of the browser. */
  | {
    readonly kind: "response";
    readonly target: ResponseTarget;
    readonly parameters: Record<string, string>;
  }
  /** To the page of ours for which somebody has signed in. */
  | { readonly kind: "own_page"; readonly path: string }
  /** To a page of ours that a request needs first. */
  | {
    readonly kind: "page";
    readonly page: "login" | "sign_up" | "consent" | "resume";
    readonly interactionId: string;
  };

/**
 * Takes a request as far as it goes: to a code, or to the page that it needs first.
 *
 * @throws {AuthorizationError} what the client is told; an interaction is spent by it
 * @throws {OAuthError} what only a page of ours may tell
 */
export async function proceed(
  deps: Deps,
  tx: Transaction,
  state: AuthorizationState,
): Promise<AuthorizeAnswer> {
  const { client, target } = responseTarget(state.client.value, state.parameters);
  if (state.pushed !== null) assertUnspent(state.pushed, client);
  try {
    return await proceedTo(deps, tx, state, client, target);
  } catch (error) {
    if (!(error instanceof OAuthError)) throw error;
    const answer = new AuthorizationError(error, target);
    spend(deps, tx, state, error.code, null);
    return tx.refuse(answer);
  }
}

async function proceedTo(
  deps: Deps,
  tx: Transaction,
  state: AuthorizationState,
  client: Client,
  target: ResponseTarget,
): Promise<AuthorizeAnswer> {
  const request = parseAuthorizationParameters(state.parameters);
  assertSupportedPrompt(deps.config, request);
  assertPushedIfMust(deps, client, state);
  assertProofKey(client, request);
  const { grantable } = await readGrantable(deps, tx, client, request);
  const hintedSubject = state.interaction?.value.hintedSubject ??
    await hintedSubjectOf(deps, request.id_token_hint, {
      isSilent: request.prompt.includes("none"),
    });
  const decision = decide({
    now: tx.now,
    client,
    request,
    redirectUri: target.redirectUri,
    grantable,
    live: state.live,
    interaction: state.interaction?.value ?? null,
    consent: consents.consentTo(client, state.consent),
    hintedSubject,
    // What has become grantable since the page was shown, the person was not asked about.
    consented: state.answer?.decision === "allow" && state.answer.told === grantableText(grantable),
  });
  if (decision.next !== "login" && decision.next !== "sign_up") {
    assertMayAdminister(deps, grantable, state.live);
  }
  if (
    decision.next !== "issue" && !(decision.next === "consent" && state.answer?.decision === "deny")
  ) {
    return {
      kind: "page",
      page: decision.next,
      interactionId: pause(deps, tx, state, hintedSubject),
    };
  }
  const event = { clientId: client.clientId, person: state.live?.user ?? null };
  if (state.answer?.decision === "deny") {
    auditEvents.append(tx, { type: "consent_denied", outcome: "failure", ...event });
    throw new OAuthError("access_denied", "the person did not allow it");
  }
  if (decision.next !== "issue") throw new Error("a consent that nobody gave");

  if (state.answer?.decision === "allow" && state.consent !== null) {
    const { resourceScopes } = grantable;
    const claims = claimNamesOf(grantable);
    consents.remember(tx, client, state.consent, { resourceScopes: [...resourceScopes], claims });
    auditEvents.append(tx, { type: "consent_given", ...event });
  }
  const { live } = decision;
  const issued = await issueCode(deps, tx, {
    client,
    request,
    target,
    grantable,
    live,
    provider: state.provider,
  });
  spend(deps, tx, state, issued.grantId, issued.codeDigest);
  return codeResponse(deps, target, issued.code);
}

/** Only an administrator gives a client the admin API. @throws {OAuthError} `access_denied` */
function assertMayAdminister(
  { config }: Deps,
  { resourceScopes }: Grantable,
  live: LiveSession | null,
) {
  if (scopeAt(resourceScopes, adminResource(config)).length === 0) return;
  if (live?.user.value.administrator) return;
  throw new OAuthError("access_denied", `${adminScope} is for administrators`);
}

/** @see RFC 6749 section 4.1.2, RFC 9207 section 2 */
export function codeResponse(deps: Deps, target: ResponseTarget, code: string): AuthorizeAnswer {
  const parameters: Record<string, string> = { code, iss: deps.config.issuer };
  if (target.state !== null) parameters.state = target.state;
  return { kind: "response", target, parameters };
}

/**
 * Wants what binds the code to the request that it was asked for with: PKCE, or, of a client that is
 * registered to do without, a nonce. With neither nothing would stop a code that somebody injects.
 *
 * @see RFC 7636 section 4.4.1, RFC 9700 section 2.1.1
 */
export function assertProofKey(client: Client, request: AuthorizationRequestParameters) {
  if (request.code_challenge !== undefined) return;
  if (client.requirePkce) {
    throw new OAuthError("invalid_request", "code_challenge is missing: this client must use PKCE");
  }
  // Only an ID token tells a nonce, so without openid it binds nothing.
  if (request.nonce === undefined || !request.scope.includes("openid")) {
    throw new OAuthError(
      "invalid_request",
      "code_challenge is missing, and so is a nonce: send one",
    );
  }
}

/** @see RFC 9126 sections 5 and 6 */
function assertPushedIfMust(deps: Deps, client: Client, { pushed }: AuthorizationState) {
  const must = client.requirePushedAuthorizationRequests ||
    deps.config.requirePushedAuthorizationRequests;
  if (!must || pushed !== null) return;
  throw new OAuthError("invalid_request", "the request must be pushed to the endpoint /par first");
}

/** Spends what the request came by, in the commit that answers it. */
function spend(
  deps: Deps,
  tx: Transaction,
  { interaction, pushed, parameters }: AuthorizationState,
  spentBy: string,
  codeDigest: string | null,
) {
  if (interaction !== null) interactions.consume(tx, interaction, { spentBy, codeDigest });
  if (pushed === null) return;
  pushedRequests.consume(tx, pushed, {
    clientId: String(parameters.client_id),
    spentBy,
    expiresAt: tx.now + deps.config.lifetimes.interaction + 600,
  });
}

/** Keeps the request while the person is on a page of ours. */
function pause(
  deps: Deps,
  tx: Transaction,
  state: AuthorizationState,
  hintedSubject: string | null,
): string {
  if (state.interaction !== null) return interactions.idOf(state.interaction);
  const interactionId = randomId(tx.random);
  interactions.add(tx, interactionId, {
    clientId: String(state.parameters.client_id),
    browserDigest: state.browserDigest,
    parameters: keptParameters(state.parameters),
    hintedSubject,
    requestUriDigest: state.pushed === null ? null : pushedRequests.digestOf(state.pushed.ref),
    providerEpoch: state.provider.epoch,
    expiresAt: tx.now + deps.config.lifetimes.interaction,
  });
  return interactionId;
}
