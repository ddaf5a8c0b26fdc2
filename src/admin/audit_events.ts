import { z } from "zod";
import * as auditEvents from "../../stores/audit_events.ts";
import type { AuditEvent } from "../../stores/audit_events.ts";
import { type Entry, isPresent, type Present } from "../../stores/engine/collection.ts";
import { systemOrigin } from "../../stores/engine/transaction.ts";
import * as users from "../../stores/users.ts";
import { canonicalJson } from "../crypto/canonical_json.ts";
import type { Deps } from "../deps/deps.ts";
import { type AdminRequest, type Answer, answer } from "./admin_request.ts";
import { asAdministrator } from "./administrator.ts";
import { inBatches } from "../../stores/engine/batches.ts";
import type { JsonObject } from "./json_body.ts";
import { cursorAt, pageParameters, parseQuery, positionOf } from "./paging.ts";
import { Problem } from "./problem.ts";
import { userRef } from "./user_representation.ts";

const instant = z.union([
  z.string().regex(/^\d{1,11}$/).transform((seconds) => Number(seconds) * 1000),
  z.iso.datetime({ offset: true }).transform((text) => Date.parse(text)),
], "must be epoch seconds, or a time as 2026-01-31T12:00:00Z");
const name = z.string().max(256);

const querySchema = z.strictObject({
  ...pageParameters,
  type: name.optional(),
  user_id: name.optional(),
  client_id: name.optional(),
  from: instant.optional(),
  to: instant.optional(),
});
type Query = z.infer<typeof querySchema>;

/** Events that one page looks at, however few of them its filters let through. */
const mostLookedAt = 1000;
const atOnce = 100;

/**
 * Lists audit events, the newest first. A page holds no more than its limit, and may hold less while
 * more are to come: only one without `next_cursor` is the last.
 */
export async function listAuditEvents(deps: Deps, request: AdminRequest): Promise<Answer> {
  await asAdministrator(deps, request, () => {});
  const query = parseQuery(querySchema, request);
  const { limit, cursor, ...filters } = query;
  if ((query.from ?? 0) > (query.to ?? Infinity)) {
    throw new Problem("invalid_request", "in the query, from must not be later than to");
  }
  const list = `audit_events ${canonicalJson(filters)}`;
  const position = await positionOf(deps, list, cursor);
  const start = [query.from ?? 0];
  let end = position === undefined ? [query.to ?? Infinity] : keySchema.parse(JSON.parse(position));

  const found: Present<AuditEvent>[] = [];
  let isLast = false;
  for (let seen = 0; seen < mostLookedAt && found.length < limit && !isLast;) {
    const { entries } = await deps.kv.list({
      collection: auditEvents.byTime,
      between: [start, end],
      limit: atOnce,
      reverse: true,
    });
    isLast = entries.length < atOnce;
    const keys = entries.map(({ ref }) => keySchema.parse(ref.key.slice(1)));
    const events = await readEvents(deps, keys);
    for (const [n, key] of keys.entries()) {
      if (found.length === limit) {
        isLast = false;
        break;
      }
      end = key;
      seen++;
      const event = events[n];
      if (event && isPresent(event) && isMeant(event, key, query)) found.push(event);
    }
  }
  return answer({
    items: await shown(deps, found),
    next_cursor: await cursorAt(deps, list, isLast ? null : JSON.stringify(end)),
  });
}

/** A place in the index by time: where a page goes on. */
const keySchema = z.array(z.union([z.number(), z.string()])).min(1).max(2);
type Key = z.infer<typeof keySchema>;

function readEvents(deps: Deps, keys: readonly Key[]): Promise<Entry<AuditEvent>[]> {
  const refs = keys.map(([, id]) => auditEvents.ref(String(id)));
  return deps.kv.step(systemOrigin, (tx) => inBatches(tx, refs));
}

function isMeant({ value: event }: Present<AuditEvent>, [time]: Key, query: Query): boolean {
  // Of two who ended one thing, the second wrote the event again, with an entry of its own time.
  if (event.time !== time) return false;
  return (query.type === undefined || event.type === query.type) &&
    isOf(query.user_id, event.userId, "person", event) &&
    isOf(query.client_id, event.clientId, "client", event);
}

/** Whether an event is about somebody, or their doing. */
function isOf(
  id: string | undefined,
  named: string | null,
  kind: "person" | "client",
  { actor }: AuditEvent,
): boolean {
  return id === undefined || named === id || actor === `${kind}:${id}`;
}

/** Addresses of people are sealed under their own keys, which go with them. */
async function shown(deps: Deps, events: readonly Present<AuditEvent>[]): Promise<JsonObject[]> {
  const ids = [...new Set(events.map(({ value }) => value.userId))].filter((id) => id !== null);
  const refs = ids.map(userRef).filter((ref) => ref !== null);
  const people = new Map(
    (await deps.kv.step(systemOrigin, (tx) => inBatches(tx, refs))).filter(isPresent)
      .map((person) => [users.idOf(person), person.value]),
  );
  return events.map((event) => show(event, people.get(event.value.userId ?? "") ?? null));
}

function show(event: Present<AuditEvent>, person: users.User | null): JsonObject {
  const { value } = event;
  return {
    id: String(event.ref.key[1]),
    type: value.type,
    time: new Date(value.time).toISOString(),
    actor: value.actor,
    outcome: value.outcome,
    reason: value.reason,
    client_id: value.clientId,
    user_id: value.userId,
    grant_id: value.grantId,
    session_id: value.sessionId,
    about: value.about,
    address: auditEvents.addressOf(event, person),
    request_id: value.requestId,
  };
}
