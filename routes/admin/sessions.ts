import type { Present } from "../../stores/engine/collection.ts";
import * as providers from "../../stores/provider.ts";
import * as sessions from "../../stores/sessions.ts";
import type { Session } from "../../stores/sessions.ts";
import { NotFound } from "../../src/admin/errors.ts";
import { endSession, isSessionLive, sessionRef, userSessions } from "../../src/admin/sessions.ts";
import type { Deps } from "../../src/deps/deps.ts";
import type { JsonObject } from "../../src/protocol/json_entry.ts";
import type { Endpoints } from "../endpoint.ts";
import { done } from "./http/answer.ts";
import { answered, apiEndpoints, type Endpoint } from "./http/endpoints.ts";
import { pageOf, type PageQuery } from "./http/paging.ts";
import { existing, shownWithEtag } from "./http/records.ts";
import { endSessionBatch } from "./session_batch.ts";
import { shownUsers } from "./user_representation.ts";

/** Sessions of users. The sessions of one user are listed below that user. */
export function adminSessionRoutes(deps: Deps): Endpoints {
  return apiEndpoints()
    .post("/sessions/batch-delete", answered(deps, endSessionBatch))
    .get("/sessions/:id", answered(deps, read))
    .delete("/sessions/:id", answered(deps, end));
}

/** Shows a live session. A session that an epoch has ended is 404 like any other that has ended. */
const read: Endpoint = (_deps, request, id) => {
  const at = sessionRef(id);
  return request.step(async (tx) => {
    const session = await existing(tx, "session", at);
    if (!await isSessionLive(tx, session)) throw new NotFound("session");
    return shownWithEtag(request, session, show);
  }, (tx) => tx.prefetch([at]));
};

const end: Endpoint = async (_deps, request, id) => {
  const at = sessionRef(id);
  await request.step(async (tx) => {
    endSession(tx, await existing(tx, "session", at));
  }, (tx) => tx.prefetch([at]));
  return done;
};

/** Lists the live sessions of a user. */
export const listUserSessions: Endpoint<PageQuery> = async (deps, request, userId) => {
  const { query, ...owner } = await request.step(async (tx, { query }) => ({
    query,
    user: await existing(tx, shownUsers.name, shownUsers.refOf(userId)),
    provider: (await providers.read(tx, {})).provider,
  }));
  return await pageOf(deps, `sessions of ${userId}`, query, async (page) => {
    const { live, position } = await userSessions(deps, owner, page);
    return { items: live.map(show), position };
  });
};

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
