import * as clients from "../../stores/clients.ts";
import type { Client } from "../../stores/clients.ts";
import * as logoutRequests from "../../stores/logout_requests.ts";
import * as providers from "../../stores/provider.ts";
import * as sessions from "../../stores/sessions.ts";
import type { Origin, Transaction } from "../../stores/engine/transaction.ts";
import * as users from "../../stores/users.ts";
import { displayName, liveSession, sessionRefs } from "../sessions/live_session.ts";
import type { SessionCookie } from "../sessions/session_cookie.ts";
import { endSession } from "../sessions/sign_in.ts";
import { sidFor } from "../claims/session_id.ts";
import type { Deps } from "../deps/deps.ts";
import type { Device } from "../sessions/device.ts";
import { clientsOfSession, type ToldClient, toldClients } from "./told_clients.ts";
import { type WayBack, wayBackOf } from "./way_back.ts";

export type LogoutAnswer =
  /** The session has ended, or there was none: back to the client, or to a page that says so. */
  | {
    readonly kind: "signed_out";
    readonly wayBack: WayBack | null;
    readonly client: Client | null;
    /** The applications of the session that are told of its end. */
    readonly told: readonly ToldClient[];
  }
  /** The user is asked. The request is stored. */
  | {
    readonly kind: "ask";
    readonly requestId: string;
    readonly name: string;
    readonly client: Client | null;
  };

/**
 * Ends the browser's session if the user has confirmed it, or the client has proved that it means this
 * session. Otherwise it asks, because an image on another site must not sign users out. Of a request
 * that is too old, nothing is known except that somebody wants to sign out.
 *
 * @param devices the accounts that have signed in with this browser before
 * @param confirmed whether the user has just pressed the button
 */
export async function endBySignOut(
  deps: Deps,
  { origin, requestId, session: cookie, devices, confirmed }: {
    readonly origin: Origin;
    readonly requestId: string;
    readonly session: SessionCookie | null;
    readonly devices: readonly Device[];
    readonly confirmed: boolean;
  },
): Promise<LogoutAnswer> {
  // Before the end: a worker takes them right after it.
  const noted = cookie === null ? [] : await clientsOfSession(deps, cookie.sessionId);
  const answer = await deps.kv.step(origin, async (tx): Promise<Decision> => {
    const { request, provider, session, user } = await providers.read(tx, {
      request: logoutRequests.ref(requestId),
      ...sessionRefs(cookie),
    });
    const { clientId, sid } = request.value ?? { clientId: null, sid: null };
    const named = { client: clientId === null ? null : clients.ref(clientId) };
    const found = await tx.peek(named, "registration");
    const client = found.client?.value ?? null;
    const live = liveSession(cookie, { session, user, provider });
    const isMeant = live !== null && client !== null && sid !== null &&
      await sidFor(deps, client, live.session.value.sid) === sid;
    if (live !== null && !confirmed && !isMeant) {
      return { kind: "ask", requestId, name: displayName(live), client };
    }
    if (live !== null) endSession(tx, live.session, "signed_out", { user: live.user });
    const known = [...devices, ...(live === null ? [] : [live])].map(({ userId }) => userId);
    const wayBack = request.value && client && await wayBackOf(deps, client, request.value, known);
    return { kind: "signed_out", wayBack, client, ended: live !== null };
  });
  if (answer.kind === "ask") return answer;
  const { ended, ...done } = answer;
  // A browser that is redirected does not wait until this server has told other applications.
  const waits = answer.wayBack?.isAutomatic !== true;
  return { ...done, told: ended ? await toldClients(deps, noted, { waits }) : [] };
}

type Decision =
  | Exclude<LogoutAnswer, { kind: "signed_out" }>
  | {
    readonly kind: "signed_out";
    readonly wayBack: WayBack | null;
    readonly client: Client | null;
    readonly ended: boolean;
  };

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
    if (live !== null) endSession(tx, live.session, "signed_out", { user: live.user });
  });
}
