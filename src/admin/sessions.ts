import * as auditEvents from "../../stores/audit_events.ts";
import { isPresent, type PeekedPresent, type Present } from "../../stores/engine/collection.ts";
import * as providers from "../../stores/provider.ts";
import * as sessions from "../../stores/sessions.ts";
import type { Session } from "../../stores/sessions.ts";
import { systemOrigin, type Transaction } from "../../stores/engine/transaction.ts";
import * as users from "../../stores/users.ts";
import { z } from "zod";
import { isLive } from "../sessions/live_session.ts";
import type { Deps } from "../deps/deps.ts";
import { type AdminRequest, type Answer, answer, done } from "./admin_request.ts";
import { asAdministrator } from "./administrator.ts";
import { inBatches } from "../../stores/engine/batches.ts";
import type { JsonObject } from "./json_body.ts";
import { cursorAt, pageParameters, parseQuery, positionOf } from "./paging.ts";
import { etagOf, isKnown } from "./preconditions.ts";
import { notFound } from "./problem.ts";
import { existing } from "./records.ts";
import { shown as shownUser, userRef } from "./user_representation.ts";

/** Shows a session that is live; one that an epoch has ended is as gone as any other. */
export async function readSession(
  deps: Deps,
  request: AdminRequest,
  sessionId: string,
): Promise<Answer> {
  const at = sessionRef(sessionId);
  return await asAdministrator(deps, request, async (tx) => {
    const session = await existing(tx, { name: "session" }, at);
    const { user, provider } = await providers.read(tx, {
      user: users.ref(session.value.userId),
    });
    if (!isPresent(user) || !isLive(session.value, user, provider)) {
      throw notFound("session");
    }
    const headers = { ETag: etagOf(session) };
    if (isKnown(request, session)) return { status: 304, body: null, headers };
    return answer(show(session), headers);
  }, (tx) => tx.prefetch([at]));
}

/** Ends a session, and with it what depends on it. */
export async function endOneSession(
  deps: Deps,
  request: AdminRequest,
  sessionId: string,
): Promise<Answer> {
  const at = sessionRef(sessionId);
  await asAdministrator(deps, request, async (tx) => {
    endByAdministrator(tx, await existing(tx, { name: "session" }, at));
  }, (tx) => tx.prefetch([at]));
  return done;
}

/** Adds the end of a session, unchecked, with an event whose id makes two ends of it one. */
export function endByAdministrator(tx: Transaction, session: PeekedPresent<Session>) {
  const sessionId = sessions.idOf(session);
  sessions.endUnchecked(tx, session);
  auditEvents.append(tx, {
    id: auditEvents.idOfEnd("session_ended", sessionId),
    type: "session_ended",
    reason: "admin",
    userId: session.value.userId,
    sessionId,
  });
}

const listQuery = z.strictObject(pageParameters);

/** Lists a person's live sessions. */
export async function listUserSessions(
  deps: Deps,
  request: AdminRequest,
  userId: string,
): Promise<Answer> {
  const { user, provider } = await asAdministrator(deps, request, async (tx) => ({
    user: await existing(tx, shownUser, userRef(userId)),
    provider: (await providers.read(tx, {})).provider,
  }));
  const { limit, cursor } = parseQuery(listQuery, request);
  const list = `sessions of ${userId}`;
  const position = await positionOf(deps, list, cursor);
  const page = await deps.kv.list({
    collection: sessions.byUser,
    prefix: [userId],
    limit,
    ...(position === undefined ? {} : { cursor: position }),
  });
  const refs = page.entries.map(({ ref }) => sessions.ref(String(ref.key[2])));
  const found = await deps.kv.step(systemOrigin, (tx) => inBatches(tx, refs));
  const live = found.filter(isPresent).filter(({ value }) => isLive(value, user, provider));
  return answer({
    items: live.map(show),
    next_cursor: await cursorAt(deps, list, page.cursor),
  });
}

/** Null: no session has such an id. */
export function sessionRef(sessionId: string) {
  return /^[A-Za-z0-9_-]{22}$/.test(sessionId) ? sessions.ref(sessionId) : null;
}

function show(session: Present<Session>): JsonObject {
  const { value } = session;
  return {
    id: sessions.idOf(session),
    user_id: value.userId,
    sid: value.sid,
    auth_time: value.authTime,
    acr: value.acr,
    amr: value.amr,
    address: value.address,
    user_agent: value.userAgent,
    created_at: value.createdAt,
    last_seen_at: value.lastSeenAt,
    expires_at: value.expiresAt,
    ends_at: value.endsAt,
  };
}
