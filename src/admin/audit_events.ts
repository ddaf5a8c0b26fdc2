import { z } from "zod";
import { readListed } from "../../stores/audit_event_reading.ts";
import * as auditEvents from "../../stores/audit_events.ts";
import type { AuditEvent } from "../../stores/audit_events.ts";
import { inBatches } from "../../stores/engine/batches.ts";
import { isPresent, type Present } from "../../stores/engine/collection.ts";
import { systemOrigin } from "../../stores/engine/transaction.ts";
import * as users from "../../stores/users.ts";
import type { Deps } from "../deps/deps.ts";

/** Which events are wanted. */
export interface AuditEventFilter {
  readonly type?: string | undefined;
  readonly userId?: string | undefined;
  readonly clientId?: string | undefined;
  /** Epoch milliseconds. */
  readonly from?: number | undefined;
  /** Epoch milliseconds. */
  readonly to?: number | undefined;
}

export interface AuditEventPage {
  readonly events: readonly Present<AuditEvent>[];
  /** Where the next page begins; null: this is the last page. */
  readonly position: string | null;
}

/** The largest number of events that one page looks at, however few of them match. */
const mostLookedAt = 1000;
const atOnce = 100;

/**
 * Finds audit events, the newest first. A page may have fewer events than its limit although more follow:
 * only a page without a position is the last.
 */
export async function findAuditEvents(
  deps: Deps,
  filter: AuditEventFilter,
  page: { readonly limit: number; readonly position: string | undefined },
): Promise<AuditEventPage> {
  const { limit, position } = page;
  const start = [filter.from ?? 0];
  let end = position === undefined
    ? [filter.to ?? Infinity]
    : keySchema.parse(JSON.parse(position));
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
    const events = await deps.kv.step(systemOrigin, (tx) => readListed(tx, entries));
    for (const [n, key] of keys.entries()) {
      if (found.length === limit) {
        isLast = false;
        break;
      }
      end = key;
      seen++;
      const event = events[n];
      if (event && matches(event, filter)) found.push(event);
    }
  }
  return { events: found, position: isLast ? null : JSON.stringify(end) };
}

/** A place in the index by time. */
const keySchema = z.array(z.union([z.number(), z.string()])).min(1).max(2);

function matches({ value: event }: Present<AuditEvent>, filter: AuditEventFilter): boolean {
  return (filter.type === undefined || event.type === filter.type) &&
    isAbout(filter.userId, event.userId, "person", event) &&
    isAbout(filter.clientId, event.clientId, "client", event);
}

/** Whether an event is about this user or client, or was caused by them. */
function isAbout(
  id: string | undefined,
  named: string | null,
  kind: "person" | "client",
  { actor }: AuditEvent,
): boolean {
  return id === undefined || named === id || actor === `${kind}:${id}`;
}

/**
 * The network address of each event; null: it has none, or its user was deleted. The addresses are sealed
 * under keys in the users' records.
 */
export async function addressesOf(
  deps: Deps,
  events: readonly Present<AuditEvent>[],
): Promise<(string | null)[]> {
  const ids = [...new Set(events.map(({ value }) => value.userId))].filter(isUserId);
  const refs = ids.map(users.ref);
  const owners = new Map(
    (await deps.kv.step(systemOrigin, (tx) => inBatches(tx, refs))).filter(isPresent)
      .map((user) => [users.idOf(user), user.value]),
  );
  return events.map((event) =>
    auditEvents.addressOf(event, owners.get(event.value.userId ?? "") ?? null)
  );
}

function isUserId(id: string | null): id is string {
  return id !== null && /^[A-Za-z0-9_-]{22}$/.test(id);
}
