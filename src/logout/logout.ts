import * as clients from "../../stores/clients.ts";
import type { Client } from "../../stores/clients.ts";
import * as logoutRequests from "../../stores/logout_requests.ts";
import type { LogoutRequest } from "../../stores/logout_requests.ts";
import * as providers from "../../stores/provider.ts";
import * as sessions from "../../stores/sessions.ts";
import type { Origin, Transaction } from "../../stores/engine/transaction.ts";
import * as users from "../../stores/users.ts";
import { type LiveSession, liveSession } from "../sessions/live_session.ts";
import type { SessionCookie } from "../sessions/session_cookie.ts";
import { endSession } from "../sessions/sign_in.ts";
import type { Deps } from "../deps/deps.ts";

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
 * Ends the browser's session, where the person has said so or the client has proved that the session
 * is the one it means; otherwise asks. An image on a foreign page must not sign people out. Of a request
 * that is too old no more is known than that somebody wants to sign out.
 *
 * @param confirmed whether the person has just pressed the button
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
    const { clientId, sid } = request.value ?? { clientId: null, sid: null };
    const named = { client: clientId === null ? null : clients.ref(clientId) };
    const found = await tx.peek(named, "only_shown");
    const client = found.client?.value ?? null;
    const live = liveSession(cookie, { session, user, provider });
    if (live !== null && !confirmed && live.session.value.sid !== sid) {
      return { kind: "ask", requestId, name: displayName(live), client };
    }
    if (live !== null) endSession(tx, live.session, "signed_out", { person: live.user });
    const redirectUri = request.value && client ? redirectTo(request.value) : null;
    return { kind: "signed_out", redirectUri, client };
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
