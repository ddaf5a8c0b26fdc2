import { z } from "zod";
import * as clients from "../../stores/clients.ts";
import type { Client } from "../../stores/clients.ts";
import type { Entry } from "../../stores/engine/collection.ts";
import * as logoutRequests from "../../stores/logout_requests.ts";
import type { LogoutRequest } from "../../stores/logout_requests.ts";
import * as providers from "../../stores/provider.ts";
import * as sessions from "../../stores/sessions.ts";
import type { Origin, Transaction } from "../../stores/engine/transaction.ts";
import * as users from "../../stores/users.ts";
import { parseParameters, type RawParameters } from "../protocol/parameters.ts";
import { type LiveSession, liveSession } from "../sessions/live_session.ts";
import type { SessionCookie } from "../sessions/session_cookie.ts";
import { endSession } from "../sessions/sign_in.ts";
import { randomId } from "../crypto/random.ts";
import type { Deps } from "../deps/deps.ts";
import { OAuthError } from "../protocol/errors.ts";
import { verifyIdTokenHint } from "../tokens/id_token_hint.ts";

const once = z.string({
  error: (issue) => Array.isArray(issue.input) ? "must come only once" : "must be text",
});
const parameters = z.object({
  id_token_hint: once.optional(),
  client_id: once.optional(),
  post_logout_redirect_uri: once.optional(),
  state: once.max(2048).optional(),
});

export type LogoutAnswer =
  /** The session is over, or there was none: back to the client, or to a page that says so. */
  | {
    readonly kind: "signed_out";
    readonly redirectUri: string | null;
    readonly client: Client | null;
  }
  /** The person is asked, about a request that the store keeps. */
  | {
    readonly kind: "ask";
    readonly requestId: string;
    readonly name: string;
    readonly client: Client | null;
  };

/**
 * Checks a request to sign out and keeps it, so that what the person then confirms is read from the
 * store.
 *
 * @returns the id to go on with
 * @throws {OAuthError} `invalid_request`
 * @see OpenID Connect RP-Initiated Logout sections 2 and 3
 */
export async function keepLogoutRequest(
  deps: Deps,
  { origin, parameters: raw }: { readonly origin: Origin; readonly parameters: RawParameters },
): Promise<string> {
  const params = parseParameters(parameters, raw);
  const hint = params.id_token_hint ? await verifyIdTokenHint(deps, params.id_token_hint) : null;
  if (hint && params.client_id !== undefined && params.client_id !== hint.clientId) {
    throw new OAuthError("invalid_request", "client_id is not that of the id_token_hint", {
      situation: "logout_refused",
    });
  }
  const clientId = (hint?.clientId ?? params.client_id)?.slice(0, 257) ?? null;
  return await deps.kv.step(origin, async (tx) => {
    const { client } = await tx.read({
      client: clientId === null || clientId.length > 256 ? null : clients.ref(clientId),
    });
    const requestId = randomId(tx.random);
    logoutRequests.add(tx, requestId, {
      clientId: client?.value?.clientId ?? null,
      postLogoutRedirectUri: checkedRedirectUri(client, params.post_logout_redirect_uri),
      state: params.state ?? null,
      sid: hint?.sid ?? null,
      expiresAt: tx.now + deps.config.lifetimes.interaction,
    });
    return requestId;
  });
}

/**
 * Ends the browser's session, where the person has said so or the client has proved that the session
 * is the one it means; otherwise asks. An image on a foreign page must not sign people out.
 *
 * @param confirmed whether the person has just pressed the button
 * @throws {OAuthError} `invalid_request` if the request is unknown or too old
 */
export async function endBySignOut(
  deps: Deps,
  { origin, requestId, session: cookie, confirmed }: {
    readonly origin: Origin;
    readonly requestId: string;
    readonly session: SessionCookie | null;
    readonly confirmed: boolean;
  },
): Promise<LogoutAnswer> {
  return await deps.kv.step(origin, async (tx) => {
    const { request, provider, session, user } = await providers.read(tx, {
      request: logoutRequests.ref(requestId),
      session: cookie && sessions.ref(cookie.sessionId),
      user: cookie && users.ref(cookie.userId),
    });
    if (request.value === null) {
      throw new OAuthError("invalid_request", "this request to sign out is too old: start again", {
        situation: "logout_refused",
      });
    }
    const { clientId, sid } = request.value;
    const named = { client: clientId === null ? null : clients.ref(clientId) };
    const found = await tx.peek(named, "only_shown");
    const client = found.client?.value ?? null;
    const live = liveSession(cookie, { session, user, provider });
    if (live !== null && !confirmed && live.session.value.sid !== sid) {
      return { kind: "ask", requestId, name: displayName(live), client };
    }
    if (live !== null) endSession(tx, live.session, "signed_out", { person: live.user });
    return { kind: "signed_out", redirectUri: redirectTo(request.value), client };
  });
}

/** Ends the session of a cookie, if it is live. */
export async function endOwnSession(
  deps: Deps,
  { origin, session: cookie }: { readonly origin: Origin; readonly session: SessionCookie },
): Promise<void> {
  await deps.kv.step(origin, async (tx: Transaction) => {
    const { provider, session, user } = await providers.read(tx, {
      session: sessions.ref(cookie.sessionId),
      user: users.ref(cookie.userId),
    });
    const live = liveSession(cookie, { session, user, provider });
    if (live !== null) endSession(tx, live.session, "signed_out", { person: live.user });
  });
}

function checkedRedirectUri(client: Entry<Client> | null, requested: string | undefined) {
  if (requested === undefined) return null;
  if (!client || client.value === null) {
    throw new OAuthError(
      "invalid_request",
      "post_logout_redirect_uri needs an id_token_hint or a client_id that is known here",
      { situation: "logout_refused" },
    );
  }
  if (client.value.postLogoutRedirectUris.includes(requested)) return requested;
  throw new OAuthError(
    "invalid_request",
    "post_logout_redirect_uri is not one that the application registered",
    {
      situation: "logout_refused",
      developmentDetails: {
        received: requested,
        registered: client.value.postLogoutRedirectUris.join(" "),
      },
    },
  );
}

function redirectTo({ postLogoutRedirectUri, state }: LogoutRequest): string | null {
  if (postLogoutRedirectUri === null || state === null) return postLogoutRedirectUri;
  // The registered URI stays to the letter.
  const separator = postLogoutRedirectUri.includes("?") ? "&" : "?";
  return `${postLogoutRedirectUri}${separator}${new URLSearchParams({ state })}`;
}

/** What the person calls themselves. */
export function displayName(live: LiveSession): string {
  const { claims, username } = live.user.value;
  return typeof claims.name === "string" && claims.name !== "" ? claims.name : username;
}
