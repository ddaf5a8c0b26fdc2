import * as clients from "../../stores/clients.ts";
import * as consents from "../../stores/consents.ts";
import * as interactions from "../../stores/interactions.ts";
import * as providers from "../../stores/provider.ts";
import type { Origin } from "../../stores/engine/transaction.ts";
import { liveSession, sessionRefs } from "../sessions/live_session.ts";
import type { SessionCookie } from "../sessions/session_cookie.ts";
import { clientStep } from "../callers/client_step.ts";
import type { Deps } from "../deps/deps.ts";
import { OAuthError } from "../protocol/errors.ts";
import { hintedSubjectOf } from "../tokens/id_token_hint.ts";
import { parseAuthorizationParameters } from "../protocol/authorization_parameters.ts";
import { keptParameters } from "../protocol/kept_parameters.ts";
import type { RawParameters } from "../protocol/parameters.ts";
import { proceed } from "./proceed.ts";
import { keptSource } from "./request_source.ts";
import type { AuthorizeAnswer } from "./response.ts";
import { readRequest, sentRequest } from "./sent_request.ts";
import { resourceRefs } from "../grantable/resources.ts";
import { AuthorizationError, type ResponseTarget, responseTarget } from "../interactions/target.ts";

export interface AuthorizeRequest {
  readonly origin: Origin;
  readonly parameters: RawParameters;
  readonly session: SessionCookie | null;
  /** The digest of the browser's secret, from its cookie or new with this answer. */
  readonly browserDigest: string;
}

/**
 * Answers an authorization request: with a code at once if there is a live session and a remembered
 * consent, otherwise with the page that comes first.
 *
 * @throws {AuthorizationError} an error for the client
 * @throws {OAuthError} an error that only a page of this server may show
 * @see RFC 6749 section 4.1.1, OpenID Connect Core section 3.1.2
 */
export async function authorize(deps: Deps, request: AuthorizeRequest): Promise<AuthorizeAnswer> {
  const { parameters, session: cookie, browserDigest } = request;
  const sent = await sentRequest(deps, request.origin, parameters);
  const { clientId, pushedRef } = sent;
  return await clientStep(deps, request, async (tx) => {
    const records = await providers.read(tx, {
      client: clients.ref(clientId),
      ...sessionRefs(cookie),
      consent: cookie && consents.ref(cookie.userId, clientId),
      pushed: pushedRef,
    }, resourceRefs(parameters));
    const { provider, consent } = records;
    const live = liveSession(cookie, { ...records, provider });
    return await proceed(deps, tx, {
      ...records,
      ...await readRequest(deps, tx, sent, { ...records, provider }),
      signedIn: live === null || consent === null ? null : { live, consent },
      interaction: null,
      hintedSubject: null,
      browserDigest,
      answer: null,
    });
  });
}

/**
 * Stores a request that came by POST. A POST from another site brings no Lax cookie, so the user would
 * seem to be signed out. The GET that follows brings the cookies, and binds the request to its browser.
 *
 * @returns the URL of that GET
 * @throws {AuthorizationError} and {OAuthError} as `authorize` does, for errors that are already
 *   known
 */
export async function keepPostedRequest(
  deps: Deps,
  request: Pick<AuthorizeRequest, "origin" | "parameters">,
): Promise<AuthorizeAnswer> {
  const sent = await sentRequest(deps, request.origin, request.parameters);
  const { clientId, pushedRef } = sent;
  return await clientStep(deps, request, async (tx) => {
    const records = await providers.read(tx, {
      client: clients.ref(clientId),
      pushed: pushedRef,
    });
    const { client, provider } = records;
    const { parameters: kept, source } = await readRequest(deps, tx, sent, records);
    // Check the client first: requests of unknown clients are not stored.
    const { target } = responseTarget(client.value, kept);
    const hintedSubject = await toldTo(target, () => {
      const { prompt } = parseAuthorizationParameters(kept);
      return hintedSubjectOf(deps, kept.id_token_hint, { isSilent: prompt.includes("none") });
    });
    const interactionId = tx.ids.id();
    interactions.add(tx, interactionId, {
      request: {
        kind: "authorization",
        clientId,
        parameters: keptParameters(kept),
        hintedSubject,
        ...keptSource(source),
      },
      browserDigest: null,
      providerEpoch: provider.epoch,
      expiresAt: tx.now + deps.config.lifetimes.interaction,
    });
    return { kind: "page", page: "resume", interactionId, carried: null };
  });
}

async function toldTo<T>(target: ResponseTarget, check: () => Promise<T>): Promise<T> {
  try {
    return await check();
  } catch (error) {
    throw error instanceof OAuthError ? new AuthorizationError(error, target) : error;
  }
}
