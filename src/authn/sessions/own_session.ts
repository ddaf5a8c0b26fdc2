import * as auditEvents from "../../../stores/audit_events.ts";
import * as clients from "../../../stores/clients.ts";
import * as consents from "../../../stores/consents.ts";
import * as providers from "../../../stores/provider.ts";
import type { Origin, Transaction } from "../../../stores/engine/transaction.ts";
import type { Deps } from "../../deps/deps.ts";
import { subjectOf } from "../../claims/subject.ts";
import { keepAlive } from "./keep_alive.ts";
import { type LiveSession, liveSession, sessionRefs } from "../../sessions/live_session.ts";
import type { SessionCookie } from "../../sessions/session_cookie.ts";
import { knowsUser } from "./session_token.ts";

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
    const { live, sub } = await readLive(deps, tx, request);
    return statusOf(live, sub, live?.session.value.expiresAt ?? 0);
  });
}

/** Extends the session, up to its absolute end. */
export async function extendOwnSession(
  deps: Deps,
  request: OwnSessionRequest,
): Promise<SessionStatus> {
  return await deps.kv.step(request.origin, async (tx) => {
    const { live, sub } = await readLive(deps, tx, request);
    if (live === null) return statusOf(live, sub, 0);
    const { expiresAt, moved } = keepAlive(deps, tx, live);
    if (moved) {
      auditEvents.append(tx, {
        type: "session_extended",
        clientId: request.clientId,
        user: live.user,
        sessionId: live.id,
      });
    }
    return statusOf(live, sub, expiresAt);
  });
}

async function readLive(
  deps: Deps,
  tx: Transaction,
  { session: cookie, clientId }: OwnSessionRequest,
) {
  const found = await providers.read(tx, {
    ...sessionRefs(cookie),
    client: clientId === null ? null : clients.ref(clientId),
    consent: cookie && clientId !== null ? consents.ref(cookie.userId, clientId) : null,
  });
  const live = liveSession(cookie, { ...found, provider: found.provider });
  const client = found.client?.value ?? null;
  if (live === null) return { live, sub: null };
  if (clientId === null) return { live, sub: live.userId };
  const mayKnow = client !== null && knowsUser(client, found.consent, live.user.value);
  return { live, sub: mayKnow ? await subjectOf(deps, client, live.userId) : null };
}

function statusOf(
  live: LiveSession | null,
  sub: string | null,
  expiresAt: number,
): SessionStatus {
  if (live === null) return { signed_in: false };
  const { authTime, acr, amr, endsAt } = live.session.value;
  return {
    signed_in: true,
    ...(sub === null ? {} : { sub }),
    auth_time: authTime,
    acr,
    amr,
    expires_at: expiresAt,
    ends_at: endsAt,
  };
}
