import * as auditEvents from "../../../stores/audit_events.ts";
import * as clients from "../../../stores/clients.ts";
import * as consents from "../../../stores/consents.ts";
import * as providers from "../../../stores/provider.ts";
import * as sessions from "../../../stores/sessions.ts";
import type { Origin, Transaction } from "../../../stores/engine/transaction.ts";
import * as users from "../../../stores/users.ts";
import type { Deps } from "../../deps/deps.ts";
import { subjectOf } from "../../claims/subject.ts";
import { keepAlive } from "./keep_alive.ts";
import { type LiveSession, liveSession } from "../../sessions/live_session.ts";
import type { SessionCookie } from "../../sessions/session_cookie.ts";
import { knowsPerson } from "./session_token.ts";

/** What a browser may know about its own session. */
export type SessionStatus =
  | { readonly signed_in: false }
  | {
    readonly signed_in: true;
    /** Left out for a client without a consent of the user. */
    readonly sub?: string;
    readonly auth_time: number;
    readonly acr: string;
    readonly amr: readonly string[];
    /** Epoch seconds: the end, which use extends, and the latest possible end. */
    readonly expires_at: number;
    readonly ends_at: number;
  };

export interface OwnSessionRequest {
  readonly origin: Origin;
  readonly session: SessionCookie | null;
  /** The client whose page asks; null: a page of this server. */
  readonly clientId: string | null;
}

/** Tells whether a user is signed in. The request does not extend the session. */
export async function readOwnSession(
  deps: Deps,
  request: OwnSessionRequest,
): Promise<SessionStatus> {
  return await deps.kv.step(request.origin, async (tx) => {
    const { live, mayKnow } = await readLive(tx, request);
    return statusOf(live, mayKnow, live?.session.value.expiresAt ?? 0);
  });
}

/** Extends the session, up to its absolute end. */
export async function extendOwnSession(
  deps: Deps,
  request: OwnSessionRequest,
): Promise<SessionStatus> {
  return await deps.kv.step(request.origin, async (tx) => {
    const { live, mayKnow } = await readLive(tx, request);
    if (live === null) return statusOf(live, mayKnow, 0);
    const { expiresAt, moved } = keepAlive(deps, tx, live);
    if (moved) {
      auditEvents.append(tx, {
        type: "session_extended",
        clientId: request.clientId,
        person: live.user,
        sessionId: live.id,
      });
    }
    return statusOf(live, mayKnow, expiresAt);
  });
}

async function readLive(tx: Transaction, { session: cookie, clientId }: OwnSessionRequest) {
  const found = await providers.read(tx, {
    session: cookie && sessions.ref(cookie.sessionId),
    user: cookie && users.ref(cookie.userId),
    client: clientId === null ? null : clients.ref(clientId),
    consent: cookie && clientId !== null ? consents.ref(cookie.userId, clientId) : null,
  });
  const live = liveSession(cookie, { ...found, provider: found.provider });
  const client = found.client?.value ?? null;
  const mayKnow = clientId === null ||
    (client !== null && live !== null && knowsPerson(client, found.consent, live.user.value));
  return { live, mayKnow };
}

function statusOf(live: LiveSession | null, mayKnow: boolean, expiresAt: number): SessionStatus {
  if (live === null) return { signed_in: false };
  const { authTime, acr, amr, endsAt } = live.session.value;
  return {
    signed_in: true,
    ...(mayKnow ? { sub: subjectOf(live.userId) } : {}),
    auth_time: authTime,
    acr,
    amr,
    expires_at: expiresAt,
    ends_at: endsAt,
  };
}
