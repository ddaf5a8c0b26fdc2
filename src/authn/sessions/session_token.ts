import { z } from "zod";
import * as auditEvents from "../../../stores/audit_events.ts";
import * as challenges from "../../../stores/challenges.ts";
import * as clients from "../../../stores/clients.ts";
import type { Client } from "../../../stores/clients.ts";
import type { Entry } from "../../../stores/engine/collection.ts";
import * as consents from "../../../stores/consents.ts";
import type { Consent } from "../../../stores/consents.ts";
import * as providers from "../../../stores/provider.ts";
import { scopeAt } from "../../../stores/resource_scopes.ts";
import * as sessions from "../../../stores/sessions.ts";
import type { Origin } from "../../../stores/engine/transaction.ts";
import * as users from "../../../stores/users.ts";
import type { User } from "../../../stores/users.ts";
import { asFresh } from "../../../stores/redeemable.ts";
import { type AuthenticatedClient, isPublic } from "../../clients/authenticate.ts";
import { mayUse } from "../../clients/allowed_groups.ts";
import { failed } from "../../clients/methods/failed.ts";
import { clientStep } from "../../callers/client_step.ts";
import { type ClientRequest, preparedCall, readCaller, spendProofs } from "../../callers/caller.ts";
import { isWebOrigin } from "../../clients/web_origin.ts";
import { randomId, randomSecret } from "../../crypto/random.ts";
import type { Deps } from "../../deps/deps.ts";
import { OAuthError } from "../../protocol/errors.ts";
import { sidFor } from "../../claims/session_id.ts";
import { subjectOf } from "../../claims/subject.ts";
import { ownChallenge } from "../challenges.ts";
import { isLive, liveSession, sessionRefs } from "../../sessions/live_session.ts";
import type { SessionCookie } from "../../sessions/session_cookie.ts";

const type = "session_token";

export interface SessionToken {
  readonly token: string;
  /** Seconds. */
  readonly expires_in: number;
}

/** The reasons of a refusal: the same two as with `prompt=none`. */
export type NoSessionToken = { readonly error: "login_required" | "consent_required" };

export interface SessionTokenRequest {
  readonly origin: Origin;
  readonly clientId: string;
  readonly session: SessionCookie | null;
}

/**
 * Gives a page of a client a token that identifies the signed-in user.
 *
 * @throws {OAuthError} `login_required`, `consent_required`, `invalid_request` for an unknown client
 */
export async function issueSessionToken(
  deps: Deps,
  request: SessionTokenRequest,
): Promise<SessionToken> {
  const issued = await findSessionToken(deps, request);
  if (!("error" in issued)) return issued;
  if (issued.error === "login_required") {
    throw new OAuthError(issued.error, "nobody is signed in in this browser", { status: 401 });
  }
  throw new OAuthError(issued.error, "the person has not allowed this client to know them", {
    status: 403,
  });
}

/**
 * Makes a token for a client whose pages do not get our cookie from the browser. It is single-use, for
 * that client only, and valid only while the session is.
 *
 * @throws {OAuthError} `invalid_request` for an unknown client
 */
export async function findSessionToken(
  deps: Deps,
  { origin, clientId, session: cookie }: SessionTokenRequest,
): Promise<SessionToken | NoSessionToken> {
  return await deps.kv.step(origin, async (tx) => {
    const found = await providers.read(tx, {
      client: clients.ref(clientId),
      ...sessionRefs(cookie),
      consent: cookie && consents.ref(cookie.userId, clientId),
    });
    const { provider } = found;
    if (found.client.value === null) {
      throw new OAuthError("invalid_request", "client_id is unknown");
    }
    const live = liveSession(cookie, { ...found, provider });
    if (live === null) return { error: "login_required" };
    if (!knowsUser(found.client.value, found.consent, live.user.value)) {
      return { error: "consent_required" };
    }
    const token = randomSecret(tx.random);
    challenges.add(tx, type, await challenges.ref(type, token), {
      userId: live.userId,
      sessionId: live.id,
      clientId,
      epoch: live.user.value.epoch,
      sessionEpoch: live.user.value.sessionEpoch,
      providerEpoch: provider.epoch,
      withdrawal: users.withdrawalFrom(live.user.value, clientId),
    });
    auditEvents.append(tx, {
      type: "session_token_issued",
      clientId,
      user: live.user,
      sessionId: live.id,
    });
    return { token, expires_in: challenges.challengeKinds[type].lifetime };
  });
}

/** Whether the user lets the client know who they are. Without that, no page may find it out. */
export function knowsUser(client: Client, consent: Entry<Consent> | null, user: User): boolean {
  if (!mayUse(client, user)) return false;
  if (client.skipConsent) return true;
  const allowed = consents.consentTo(client, consent)?.resourceScopes ?? [];
  return scopeAt(allowed, null).includes("openid");
}

export interface SessionTokenAnswer {
  readonly sub: string;
  readonly sid: string;
  readonly auth_time: number;
  readonly acr: string;
  readonly amr: readonly string[];
  /** Epoch seconds: the end of the session if it is not used before. */
  readonly expires_at: number;
}

const parameters = z.object({ token: z.string().max(256) });

/**
 * Tells a client the user of its session token, once: of concurrent requests with one token, one is
 * answered.
 *
 * @param webOrigin of the page that asks: the only proof of a client without a secret
 * @throws {OAuthError} `invalid_client`; `invalid_grant` for a token that is unknown, expired, spent,
 *   another client's, or of a session that has ended
 */
export async function verifySessionToken(
  deps: Deps,
  { webOrigin, ...request }: ClientRequest & { readonly webOrigin: string | null },
): Promise<SessionTokenAnswer> {
  const { data } = parameters.safeParse(request.form);
  if (!data) throw new OAuthError("invalid_request", "token is missing, or too long");
  const at = await challenges.ref(type, data.token);
  const call = await preparedCall(deps, request);
  return await clientStep(deps, call, async (tx) => {
    const { caller, ...first } = await readCaller(deps, tx, call, { challenge: at });
    const { client } = caller;
    assertOwnPage(client, webOrigin);
    const { userId, sessionId } = first.challenge.value ?? { userId: null, sessionId: null };
    if (userId === null || sessionId === null) throw unusable();
    const { session, user, consent } = await tx.read({
      session: sessions.ref(sessionId),
      user: users.ref(userId),
      consent: consents.ref(userId, client.clientId),
    });
    const { provider } = first;
    const { clientId } = client;
    const own = ownChallenge(type, first.challenge, { provider, user, clientId, sessionId });
    if (own === null || user.value === null || session.value === null) throw unusable();
    if (!isLive(session.value, user, provider)) throw unusable();
    if (!knowsUser(client, consent, user.value)) throw unusable();

    const event = { type: "session_token_used", clientId, user, sessionId } as const;
    const open = asFresh(own);
    if (open === null) {
      tx.assertSettled();
      auditEvents.append(tx, { ...event, outcome: "failure", reason: "used_before" });
      return tx.refuse(unusable());
    }
    await spendProofs(tx, caller);
    challenges.consume(tx, open, randomId(tx.random));
    auditEvents.append(tx, event);
    const { sid, authTime, acr, amr, expiresAt } = session.value;
    return {
      sub: await subjectOf(deps, client, userId),
      sid: await sidFor(deps, client, sid),
      auth_time: authTime,
      acr,
      amr,
      expires_at: expiresAt,
    };
  });
}

function assertOwnPage(caller: AuthenticatedClient, webOrigin: string | null) {
  if (!isPublic(caller) || isWebOrigin(caller, webOrigin)) return;
  throw failed("client_page_unregistered");
}

function unusable(): OAuthError {
  return new OAuthError(
    "invalid_grant",
    "the session token is unknown, expired or already used, or its session has ended",
  );
}
