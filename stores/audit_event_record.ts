import { z } from "zod";
import { type AuditEvent, auditEventSchema, placedEventPacking } from "./audit_event.ts";
import { collection } from "./engine/collection.ts";
import type { CommitBatch, KvMutation } from "./engine/kv.ts";

export type { AuditEvent };
export const events = collection({
  family: "audit_events",
  version: 1,
  schema: auditEventSchema,
  isRarelyRead: true,
});
/** An entry in the order of time. */
export interface PlacedEvent {
  readonly event: AuditEvent | null;
}
/** The order of time. An entry holds its event, or leads to it: `readEvents` reads both. */
export const eventsByTime = collection({
  family: "audit_events_by_time",
  version: 2,
  isRarelyRead: true,
  schema: z.object({ event: auditEventSchema.nullable() }),
  upgrades: { 1: () => ({ event: null }) },
  packing: placedEventPacking,
});
/** The events that a commit wrote, for the code that counts them. */
export function eventsIn({ mutations }: CommitBatch): AuditEvent[] {
  const found: AuditEvent[] = [];
  for (const mutation of mutations) {
    const event = mutation.type === "set" ? eventIn(mutation) : null;
    if (event !== null) found.push(event);
  }
  return found;
}

function eventIn({ key, value, record }: Extract<KvMutation, { type: "set" }>): AuditEvent | null {
  // With its record it need not be parsed to be counted.
  const raw = { key, value, record, versionstamp: "written" };
  if (key[0] === events.family) return events.decode(events.ref(""), raw, 0).value;
  if (key[0] !== eventsByTime.family) return null;
  return eventsByTime.decode(eventsByTime.ref(), raw, 0).value?.event ?? null;
}
