import { z } from "zod";
import type { Collection, Present } from "../../stores/engine/collection.ts";
import * as logoutOutbox from "../../stores/logout_outbox.ts";
import * as pingOutbox from "../../stores/ping_outbox.ts";
import {
  type ClientMessage,
  type ClientMessageState,
  clientMessageState,
  clientMessageStates,
} from "../../src/admin/client_messages.ts";
import type { Deps } from "../../src/deps/deps.ts";
import type { JsonObject } from "../../src/protocol/json_entry.ts";
import type { Endpoints } from "../endpoint.ts";
import { answer } from "./http/answer.ts";
import { answeredByQuery, apiEndpoints, type QueryEndpoint } from "./http/endpoints.ts";
import { cursorAt, from, pageParameters, parseQuery, positionOf } from "./http/paging.ts";
import { asAdministrator } from "./http/steps.ts";

/** The messages to clients, with those that were given up: that a session has ended, or a user has answered. */
export function clientMessageRoutes(deps: Deps): Endpoints {
  return apiEndpoints()
    .get("/logout-messages", answeredByQuery(deps, logoutMessages))
    .get("/pings", answeredByQuery(deps, pings));
}

const logoutMessages = listOf({
  name: "logout messages",
  all: logoutOutbox.all,
  states: clientMessageStates,
  show: (message) => ({
    ...shown(logoutOutbox.idOf(message), message.value),
    session_id: message.value.sessionId,
    told_at: message.value.toldAt,
  }),
});

const pings = listOf({
  name: "pings",
  all: pingOutbox.all,
  states: ["waiting", "failed"], // one that has arrived is not kept
  // Its id is that of the grant which the request may lead to.
  show: (ping) => ({
    ...shown(pingOutbox.idOf(ping), ping.value),
    grant_id: pingOutbox.idOf(ping),
  }),
});

/** With a filter, a page may have fewer messages than its limit. */
function listOf<T extends ClientMessage>({ name, all, states, show }: {
  readonly name: string;
  readonly all: Collection<T>;
  readonly states: readonly ClientMessageState[];
  readonly show: (message: Present<T>) => JsonObject;
}): QueryEndpoint {
  const querySchema = z.strictObject({
    ...pageParameters,
    state: z.enum(states).optional(),
    client_id: z.string().max(256).optional(),
  });
  return async (deps, request) => {
    await asAdministrator(deps, request, () => {});
    const { limit, cursor, state, client_id: clientId } = parseQuery(querySchema, request);
    const list = `${name} ${state ?? ""} ${clientId ?? ""}`;
    const position = await positionOf(deps, list, cursor);
    const page = await deps.kv.list({ collection: all, limit, ...from(position) });
    const messages = page.entries.filter(({ value }) =>
      (state === undefined || clientMessageState(value) === state) &&
      (clientId === undefined || value.clientId === clientId)
    );
    return answer({
      items: messages.map(show),
      next_cursor: await cursorAt(deps, list, page.cursor),
    });
  };
}

function shown(id: string, message: ClientMessage): JsonObject {
  const state = clientMessageState(message);
  return {
    id,
    state,
    client_id: message.clientId,
    attempts: message.attempts,
    last_error: message.lastError,
    next_attempt_at: state === "waiting" ? message.nextAttemptAt : null,
    created_at: message.createdAt,
    failed_at: message.failedAt,
    give_up_at: message.giveUpAt,
  };
}
