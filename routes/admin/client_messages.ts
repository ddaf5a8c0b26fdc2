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
import { answeredByQuery, apiEndpoints } from "./http/endpoints.ts";
import { pageOf, pageParameters } from "./http/paging.ts";

/** The messages to clients, with those that were given up: that a session has ended, or a user has answered. */
export function clientMessageRoutes(deps: Deps): Endpoints {
  return apiEndpoints()
    .get("/logout-messages", listOf(deps, logoutMessages))
    .get("/pings", listOf(deps, pings));
}

const logoutMessages: Listed<logoutOutbox.LogoutMessage> = {
  name: "logout messages",
  all: logoutOutbox.all,
  states: clientMessageStates,
  show: (message) => ({
    ...shown(logoutOutbox.idOf(message), message.value),
    session_id: message.value.sessionId,
    told_at: message.value.toldAt,
  }),
};

const pings: Listed<pingOutbox.Ping> = {
  name: "pings",
  all: pingOutbox.all,
  states: ["waiting", "failed"], // one that has arrived is not kept
  // Its id is that of the grant which the request may lead to.
  show: (ping) => ({
    ...shown(pingOutbox.idOf(ping), ping.value),
    grant_id: pingOutbox.idOf(ping),
  }),
};

interface Listed<T> {
  readonly name: string;
  readonly all: Collection<T>;
  readonly states: readonly ClientMessageState[];
  readonly show: (message: Present<T>) => JsonObject;
}

/** With a filter, a page may have fewer messages than its limit. */
function listOf<T extends ClientMessage>(deps: Deps, { name, all, states, show }: Listed<T>) {
  const messageQuery = z.strictObject({
    ...pageParameters,
    state: z.enum(states).optional(),
    client_id: z.string().max(256).optional(),
  });
  return answeredByQuery(deps, messageQuery, async (deps, request) => {
    const query = await request.step((_tx, { query }) => query);
    const { state, client_id: clientId } = query;
    const list = `${name} ${state ?? ""} ${clientId ?? ""}`;
    return await pageOf(deps, list, query, async (page) => {
      const { entries, cursor } = await deps.kv.list({ collection: all, ...page });
      const messages = entries.filter(({ value }) =>
        (state === undefined || clientMessageState(value) === state) &&
        (clientId === undefined || value.clientId === clientId)
      );
      return { items: messages.map(show), position: cursor };
    });
  });
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
