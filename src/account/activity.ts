import { z } from "zod";
import { readPlaced } from "../../stores/audit_event_reading.ts";
import * as auditEvents from "../../stores/audit_events.ts";
import type { AuditEvent } from "../../stores/audit_events.ts";
import * as clients from "../../stores/clients.ts";
import { isPresent, type Present } from "../../stores/engine/collection.ts";
import { systemOrigin } from "../../stores/engine/transaction.ts";
import { inBatches } from "../../stores/engine/batches.ts";
import { formatCursor, parseCursor } from "../deps/cursor.ts";
import type { Deps } from "../deps/deps.ts";
import { type AccountHolder, type AccountRequest, accountStep } from "./account_step.ts";

/** An event of the user's account, for a page. */
export interface Activity {
  readonly type: string;
  readonly outcome: AuditEvent["outcome"];
  readonly reason: string | null;
  /** Epoch seconds. */
  readonly at: number;
  readonly address: string | null;
  readonly clientName: string | null;
  readonly bySomebodyElse: boolean;
}

export interface RecentActivity {
  readonly holder: AccountHolder;
  readonly events: readonly Activity[];
  readonly next: string | null;
}

const perPage = 25;
const atOnce = 100;
/** The largest number of events that one page reads, however few of them are shown. */
const mostLookedAt = 1000;

/**
 * Hidden events: what applications do by themselves many times a day, and the delivery of mails and
 * messages to applications. They would fill the list.
 */
const technical: ReadonlySet<string> = new Set([
  "assertion_exchanged",
  "client_not_told_of_answer",
  "client_told_of_answer",
  "client_told_of_logout",
  "auth_req_id_exchanged",
  "code_exchanged",
  "code_replaced",
  "device_code_exchanged",
  "mail_failed",
  "mail_retried",
  "mail_sent",
  "refresh_token_used",
  "session_extended",
  "session_token_issued",
  "session_token_used",
  "token_exchanged",
  "token_issued",
  "token_revoked",
]);

/**
 * A page of the events of the user's account, the newest first.
 *
 * @param cursor null: the first page, also for a cursor of another list
 * @throws {SignInNeeded}
 */
export async function listActivity(
  deps: Deps,
  request: AccountRequest,
  cursor: string | null,
): Promise<RecentActivity> {
  const holder = await accountStep(deps, request, { recent: false }, (_, holder) => holder);
  const list = `activity ${holder.userId}`;
  const position = cursor === null ? null : await parseCursor(deps, list, cursor);
  const end = position === null ? [] : keySchema.parse(JSON.parse(position));
  const { events, last } = await recentActivity(deps, holder, { end, count: perPage });
  const next = last === null ? null : await formatCursor(deps, list, JSON.stringify(last));
  return { holder, events, next };
}

/** A place in the index: the time and the id of an event. */
const keySchema = z.array(z.union([z.number(), z.string()])).max(2);
type Key = z.infer<typeof keySchema>;

/** @returns the newest events before a place, and the place of the last one if there may be more */
export async function recentActivity(
  deps: Deps,
  holder: AccountHolder,
  { end = [], count }: { readonly end?: Key; readonly count: number },
): Promise<{ events: Activity[]; last: Key | null }> {
  const found: Present<AuditEvent>[] = [];
  const before: { end: Key; seen: number } = { end, seen: 0 };
  for await (const { event, key } of eventsOf(deps, holder.userId, before.end)) {
    if (found.length === count || before.seen === mostLookedAt) {
      return { events: await shown(deps, holder, found), last: before.end };
    }
    before.end = key;
    before.seen++;
    if (!technical.has(event.value.type)) found.push(event);
  }
  return { events: await shown(deps, holder, found), last: null };
}

/** All events about a user, the newest first, read without checks. */
export async function* eventsOf(
  deps: Deps,
  userId: string,
  end: Key = [],
): AsyncGenerator<{ readonly event: Present<AuditEvent>; readonly key: Key }> {
  for (let until = end, more = true; more;) {
    const { entries } = await deps.kv.list({
      collection: auditEvents.byUser,
      between: [[userId], until.length === 0 ? [userId, Infinity] : [userId, ...until]],
      limit: atOnce,
      reverse: true,
    });
    more = entries.length === atOnce;
    const keys = entries.map(({ ref }) => keySchema.parse(ref.key.slice(2)));
    const places = entries.map(({ ref }) => auditEvents.placeOf(ref));
    const events = await deps.kv.step(systemOrigin, (tx) => readPlaced(tx, places));
    for (const [n, key] of keys.entries()) {
      until = key;
      const event = events[n];
      if (event) yield { event, key };
    }
  }
}

async function shown(
  deps: Deps,
  { user, userId }: AccountHolder,
  events: readonly Present<AuditEvent>[],
): Promise<Activity[]> {
  const ids = [...new Set(events.flatMap(({ value }) => value.clientId ?? []))];
  const found = await deps.kv.step(systemOrigin, (tx) => inBatches(tx, ids.map(clients.ref)));
  const names = new Map(
    found.filter(isPresent).map(({ value }) => [value.clientId, value.clientName]),
  );
  return events.map((event) => {
    const { type, outcome, reason, time, clientId, actor } = event.value;
    return {
      type,
      outcome,
      reason,
      at: Math.floor(time / 1000),
      // An administrator's address is not shown to this user, and is not sealed for them.
      address: actor === `person:${userId}` || actor === "anonymous"
        ? auditEvents.addressOf(event, user.value)
        : null,
      clientName: clientId === null ? null : names.get(clientId) ?? clientId,
      bySomebodyElse: /^person:/.test(actor) && actor !== `person:${userId}`,
    };
  });
}
