import { z } from "zod";
import type { Present } from "../../stores/engine/collection.ts";
import * as logoutOutbox from "../../stores/logout_outbox.ts";
import type { LogoutMessage } from "../../stores/logout_outbox.ts";
import { logoutMessageState, logoutMessageStates } from "../../src/admin/logout_messages.ts";
import type { Deps } from "../../src/deps/deps.ts";
import type { JsonObject } from "../../src/protocol/json_entry.ts";
import type { Endpoints } from "../endpoint.ts";
import { answer } from "./http/answer.ts";
import { answered, apiEndpoints, type Endpoint } from "./http/endpoints.ts";
import { cursorAt, from, pageParameters, parseQuery, positionOf } from "./http/paging.ts";
import { asAdministrator } from "./http/steps.ts";

/** The messages to clients that a session has ended, with those that were given up. */
export function logoutMessageRoutes(deps: Deps): Endpoints {
  return apiEndpoints().get("/logout-messages", answered(deps, list));
}

const querySchema = z.strictObject({
  ...pageParameters,
  state: z.enum(logoutMessageStates).optional(),
  client_id: z.string().max(256).optional(),
});

/** With a filter, a page may have fewer messages than its limit. */
const list: Endpoint = async (deps, request) => {
  await asAdministrator(deps, request, () => {});
  const { limit, cursor, state, client_id: clientId } = parseQuery(querySchema, request);
  const list = `logout messages ${state ?? ""} ${clientId ?? ""}`;
  const position = await positionOf(deps, list, cursor);
  const page = await deps.kv.list({ collection: logoutOutbox.all, limit, ...from(position) });
  const messages = page.entries.filter(({ value }) =>
    (state === undefined || logoutMessageState(value) === state) &&
    (clientId === undefined || value.clientId === clientId)
  );
  return answer({
    items: messages.map(show),
    next_cursor: await cursorAt(deps, list, page.cursor),
  });
};

function show(message: Present<LogoutMessage>): JsonObject {
  const { value } = message;
  const state = logoutMessageState(value);
  return {
    id: logoutOutbox.idOf(message),
    state,
    client_id: value.clientId,
    session_id: value.sessionId,
    attempts: value.attempts,
    last_error: value.lastError,
    next_attempt_at: state === "waiting" ? value.nextAttemptAt : null,
    created_at: value.createdAt,
    told_at: value.toldAt,
    failed_at: value.failedAt,
    give_up_at: value.giveUpAt,
  };
}
