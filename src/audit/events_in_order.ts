import type { AuditEvent } from "../../stores/audit_events.ts";
import { peekListed, readListed } from "../../stores/audit_event_reading.ts";
import * as auditEvents from "../../stores/audit_events.ts";
import { entryIdOf, mostInEntry } from "../../stores/audit_event_ids.ts";
import { inBatches } from "../../stores/engine/batches.ts";
import type { Present } from "../../stores/engine/collection.ts";
import { nameOf, systemOrigin } from "../../stores/engine/transaction.ts";
import type { Deps } from "../deps/deps.ts";

/** An event as it is stored. */
export interface StoredEvent {
  readonly id: string;
  readonly event: AuditEvent;
  readonly versionstamp: string;
}

/** A place in the order of time: epoch milliseconds, and an id. */
export type Place = readonly (string | number)[];

/** Where a page begins, and how many entries it may have. */
interface PageRequest {
  readonly from: Place;
  readonly limit: number;
}

interface EventPage {
  readonly events: readonly StoredEvent[];
  /** Null: this was the last one. */
  readonly next: PageRequest | null;
}

/** Events that are read in a millisecond or two. An entry has one of them, or a few. */
const eventsPerPage = 64;
const fewestEntries = eventsPerPage / mostInEntry;

/**
 * The events in the order of time, from a place on, in pages; unchecked. The store reads the next page during
 * the work on this one.
 */
export async function* eventPages(
  deps: Pick<Deps, "kv">,
  from: Place,
): AsyncGenerator<readonly StoredEvent[]> {
  const first = { from, limit: fewestEntries };
  for (let reading: Promise<EventPage> | null = eventPage(deps, first); reading !== null;) {
    const page: EventPage = await reading;
    reading = page.next && eventPage(deps, page.next);
    reading?.catch(() => {}); // it is awaited above, unless the work on this page fails first
    yield page.events;
  }
}

async function eventPage(
  { kv }: Pick<Deps, "kv">,
  { from, limit }: PageRequest,
): Promise<EventPage> {
  const { entries } = await kv.list({
    collection: auditEvents.byTime,
    between: [entryAt(from), [Infinity]],
    limit,
  });
  const found = await kv.step(systemOrigin, (tx) => readListed(tx, entries));
  const events = found.flat().map((event): StoredEvent => {
    const { value, versionstamp } = event;
    return { id: auditEvents.idOf(event), event: value, versionstamp };
  });
  const last = entries.at(-1);
  const isLast = last === undefined || entries.length < limit;
  return {
    events: events.filter(({ id, event }) => comparePlaces([event.time, id], from) >= 0),
    next: isLast ? null : {
      from: placeAfter(lastPlaceIn(last)),
      limit: limitAfter(entries.length, events.length),
    },
  };
}

/** The entries of the next page, if it has as many events in each. It grows slowly: it may have more of them. */
function limitAfter(entries: number, events: number): number {
  const fitting = Math.floor(eventsPerPage * entries / Math.max(entries, events));
  return Math.max(fewestEntries, Math.min(2 * entries, fitting));
}

/** The place of the last event that an entry holds, or leads to. */
function lastPlaceIn(entry: Present<auditEvents.PlacedEvents>): Place {
  const { time, id } = auditEvents.placeOf(auditEvents.heldIn(entry).at(-1)?.ref ?? entry.ref);
  return [time, id];
}

/** Where a list of entries has to begin, so that it has all events from a place on. It may have earlier ones. */
export function entryAt(place: Place): Place {
  const [time, id] = place;
  return time === undefined || typeof id !== "string" ? place : [time, entryIdOf(id)];
}

/** The place right after an event: a key with one more part sorts after the key itself. */
export function placeAfter(place: Place): Place {
  return [...place, 0];
}

/** Compares as the store orders keys: of two places with the same beginning, the longer one is later. */
export function comparePlaces(one: Place, other: Place): number {
  for (let n = 0; n < Math.max(one.length, other.length); n++) {
    const [a, b] = [one[n], other[n]];
    if (a === b) continue;
    if (a === undefined) return -1;
    if (b === undefined) return 1;
    // Texts sort before numbers.
    if (typeof a !== typeof b) return typeof a === "string" ? -1 : 1;
    return a < b ? -1 : 1;
  }
  return 0;
}

/** Whether an event comes before a place or is at it. */
export function isUpTo({ id, event }: StoredEvent, place: Place): boolean {
  return comparePlaces([event.time, id], place) <= 0;
}

/** The ids of the events at these places that are stored, even if with another time. */
export async function storedAmong(
  { kv }: Pick<Deps, "kv">,
  places: readonly auditEvents.Place[],
): Promise<ReadonlySet<string>> {
  // Events that share an entry are read together.
  const refs = new Map(places.map(auditEvents.placedRef).map((ref) => [nameOf(ref), ref]));
  const listed = await kv.step(
    systemOrigin,
    async (tx) => await peekListed(tx, await inBatches(tx, [...refs.values()])),
  );
  const stored = new Set(listed.flat().map(({ id }) => id));
  return new Set(places.map(({ id }) => id).filter((id) => stored.has(id)));
}
