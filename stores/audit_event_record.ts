import { z } from "zod";
import { collection } from "./engine/collection.ts";
import type { CommitBatch } from "./engine/kv.ts";
import { recordIn } from "./engine/record_in.ts";

const schema = z.object({
  /** A plain string, so that an event of a newer release can still be read. */
  type: z.string(),
  /** Epoch milliseconds: the order of events within a second matters. */
  time: z.int(),
  actor: z.string(),
  outcome: z.enum(["success", "failure"]),
  reason: z.string().nullable(),
  clientId: z.string().nullable(),
  userId: z.string().nullable(),
  grantId: z.string().nullable(),
  sessionId: z.string().nullable(),
  /** Another object of the event: a `kid`, a resource. */
  about: z.string().nullable(),
  /** The address of a client or an operator. */
  address: z.string().nullable(),
  /** The address of a user, sealed with the user's own key. */
  sealedAddress: z.string().nullable(),
  requestId: z.string().nullable(),
});
export type AuditEvent = z.infer<typeof schema>;
export const events = collection({
  family: "audit_events",
  version: 1,
  schema,
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
  schema: z.object({ event: schema.nullable() }),
  upgrades: { 1: () => ({ event: null }) },
});
/** The events of this process, by the record that holds one: they need not be parsed to be counted. */
export const appended = new WeakMap<object, AuditEvent>();

/** The events that a commit wrote, for the code that counts them. */
export function eventsIn({ mutations }: CommitBatch): AuditEvent[] {
  return mutations.flatMap((mutation) => {
    const { key } = mutation;
    if (mutation.type === "delete") return [];
    const known = appended.get(recordIn(mutation.value));
    if (known !== undefined) return known;
    const raw = { key, value: mutation.value, versionstamp: "written" };
    if (key[0] === events.family) return events.decode(events.ref(""), raw, 0).value ?? [];
    if (key[0] !== eventsByTime.family) return [];
    return eventsByTime.decode(eventsByTime.ref(), raw, 0).value?.event ?? [];
  });
}
