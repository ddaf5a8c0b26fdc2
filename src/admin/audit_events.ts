import { z } from "zod";
import * as auditEvents from "../../stores/audit_events.ts";
import type { AuditEvent } from "../../stores/audit_events.ts";
import { inBatches } from "../../stores/engine/batches.ts";
import { isPresent, type Present } from "../../stores/engine/collection.ts";
import { systemOrigin } from "../../stores/engine/transaction.ts";
import * as users from "../../stores/users.ts";
import { searchBack } from "../audit/search.ts";
import { isRandomId } from "../crypto/random.ts";
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

/** The largest numbers of events that one page looks at, and of blocks of events that it passes over. */
const most = { events: 1000, blocks: 2000 };

/**
 * Finds audit events, the newest first. A page may have fewer events than its limit although more follow:
 * only a page without a position is the last.
 */
export async function findAuditEvents(
  deps: Deps,
  filter: AuditEventFilter,
  page: { readonly limit: number; readonly position: string | undefined },
): Promise<AuditEventPage> {
  const { type, userId, clientId, from, to } = filter;
  const start = [from ?? 0];
  let end = page.position === undefined
    ? [to ?? Infinity]
    : keySchema.parse(JSON.parse(page.position));
  const found: Present<AuditEvent>[] = [];
  const seen = { events: 0, blocks: 0 };
  for await (const step of searchBack(deps, { type, userId, clientId }, { start, end })) {
    const isFull = found.length === page.limit;
    if (isFull || seen.events >= most.events || seen.blocks >= most.blocks) {
      return { events: found, position: JSON.stringify(end) };
    }
    end = [...step.end];
    seen.events += step.events;
    seen.blocks += step.blocks;
    if (step.event !== null && matches(step.event, filter)) found.push(step.event);
  }
  return { events: found, position: null };
}

/** A place in the index by time. */
const keySchema = z.array(z.union([z.number(), z.string()])).min(1).max(3);

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
  return id !== null && isRandomId(id);
}
