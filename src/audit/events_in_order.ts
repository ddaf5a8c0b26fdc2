import type { AuditEvent } from "../../stores/audit_events.ts";
import { peekListed, readListed } from "../../stores/audit_event_reading.ts";
import * as auditEvents from "../../stores/audit_events.ts";
import { inBatches } from "../../stores/engine/batches.ts";
import { systemOrigin } from "../../stores/engine/transaction.ts";
import type { Deps } from "../deps/deps.ts";

/** An event as it is stored. */
export interface StoredEvent {
  readonly id: string;
  readonly event: AuditEvent;
  readonly versionstamp: string;
}

/** A place in the order of time: epoch milliseconds, and an id. */
export type Place = readonly (string | number)[];

export interface EventPage {
  readonly events: readonly StoredEvent[];
  /** Where the next page begins; null: this was the last one. */
  readonly next: Place | null;
}

/** The number of events that are read in about a millisecond. */
const perPage = 25;

/** One page of events in the order of time, from a place on; unchecked. */
export async function eventPage({ kv }: Pick<Deps, "kv">, from: Place): Promise<EventPage> {
  const { entries } = await kv.list({
    collection: auditEvents.byTime,
    between: [from, [Infinity]],
    limit: perPage,
  });
  const places = entries.map(({ ref }) => auditEvents.placeOf(ref));
  const found = await kv.step(systemOrigin, (tx) => readListed(tx, entries));
  const events = found.filter((event) => event !== null).map((event): StoredEvent => {
    const { value, versionstamp } = event;
    return { id: auditEvents.idOf(event), event: value, versionstamp };
  });
  const last = places.at(-1);
  const isLast = last === undefined || places.length < perPage;
  return { events, next: isLast ? null : placeAfter([last.time, last.id]) };
}

/** The place right after an event: a key with one more part sorts after the key itself. */
export function placeAfter(place: Place): Place {
  return [...place, 0];
}

/** Whether an event comes before a place or is at it. */
export function isUpTo({ id, event }: StoredEvent, [time = 0, lastId = ""]: Place): boolean {
  return event.time < Number(time) || (event.time === time && id <= String(lastId));
}

/** The ids of the events at these places that are stored, even if with another time. */
export async function storedAmong(
  { kv }: Pick<Deps, "kv">,
  places: readonly auditEvents.Place[],
): Promise<ReadonlySet<string>> {
  const stored = await kv.step(systemOrigin, async (tx) => {
    const entries = await inBatches(tx, places.map(auditEvents.placedRef));
    return await peekListed(tx, entries);
  });
  return new Set(places.filter((_, n) => stored[n] !== null).map(({ id }) => id));
}
