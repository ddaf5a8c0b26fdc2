import { z } from "zod";
import {
  type AuditEvent,
  auditEventSchema,
  joinedEvents,
  placedEventPacking,
} from "./audit_event.ts";
import { isFirstOfStep, mostInEntry } from "./audit_event_ids.ts";
import { type AuditEventType, kindOf } from "./audit_event_types.ts";
import { collection } from "./engine/collection.ts";
import type { CommitBatch, Written } from "./engine/kv.ts";

export type { AuditEvent };
export const events = collection({
  family: "audit_events",
  version: 1,
  schema: auditEventSchema,
  isRarelyRead: true,
});
/** An entry in the order of time. */
export interface PlacedEvents {
  /** In their order; empty: the entry leads to its event. */
  readonly events: readonly AuditEvent[];
}
const ofOneEvent = z.object({ event: z.unknown() });
/** The order of time. An entry holds its events, or leads to its one event: `readListed` reads both. */
export const eventsByTime = collection({
  family: "audit_events_by_time",
  version: 3,
  isRarelyRead: true,
  schema: z.object({ events: z.array(auditEventSchema) }),
  upgrades: {
    1: () => ({ event: null }),
    2(value) {
      const { event } = ofOneEvent.parse(value);
      return { events: event === null ? [] : [event] };
    },
  },
  packing: placedEventPacking,
  joining: { most: mostInEntry, join: joinedEvents, nameOf: nameOfJoint },
});

/**
 * The id of an event that shares its entry is known only after the commit. So no other entry may lead to
 * the event, and no address may be sealed for its id, as those of users are.
 */
function nameOfJoint(key: Deno.KvKey, { events: [event] }: PlacedEvents): string | null {
  const isAlone = event === undefined || event.userId !== null || hasUsersEntry(event) ||
    !isFirstOfStep(String(key.at(-1)));
  if (isAlone || lengthOf(event) > longest) return null;
  // One cleanup removes all events of an entry: they have one retention.
  return `${event.time} ${kindOf(event.type)}`;
}

/** So that many in one value stay far below the 64 KB that one may have. */
const longest = 1000;

function lengthOf(
  { type, actor, reason, clientId, grantId, sessionId, about, address, requestId }: AuditEvent,
) {
  const texts = [type, actor, reason, clientId, grantId, sessionId, about, address, requestId];
  return texts.reduce((sum, text) => sum + (text?.length ?? 0), 0);
}

/** Whether an event has an entry among those of its user, or among those of nobody. */
export function hasUsersEntry({ type, userId }: Pick<AuditEvent, "type" | "userId">): boolean {
  // After a user is deleted, no user can list the event: it gets no index entry.
  return type !== "user_deleted" && (userId !== null || aboutAnybody.includes(type));
}

/**
 * Events that strangers can cause. The number of records written must not reveal whether the account
 * exists.
 */
const aboutAnybody: readonly string[] = [
  "mail_sign_in_requested",
  "password_reset_requested",
  "sign_in_failed",
] satisfies AuditEventType[];

/** The events that a commit wrote, for the code that counts them. */
export function eventsIn({ mutations }: CommitBatch): AuditEvent[] {
  const found: AuditEvent[] = [];
  for (const mutation of mutations) {
    if (mutation.type === "set") found.push(...eventsInRecord(mutation));
  }
  return found;
}

function eventsInRecord({ key, value, record }: Written): readonly AuditEvent[] {
  // With its record it need not be parsed to be counted.
  const raw = { key, value, record, versionstamp: "written" };
  if (key[0] === eventsByTime.family) {
    return eventsByTime.decode(eventsByTime.ref(), raw, 0).value?.events ?? [];
  }
  const event = key[0] === events.family ? events.decode(events.ref(""), raw, 0).value : null;
  return event === null ? [] : [event];
}
