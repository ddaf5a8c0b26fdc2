import { z } from "zod";
import type { Packing } from "./engine/packing.ts";

/** In the order of the names, as in a leaf of the audit trail: sorting them for it moves none. */
export const auditEventSchema = z.object({
  /** Another object of the event: a `kid`, a resource. */
  about: z.string().nullable(),
  actor: z.string(),
  /** The address of a client or an operator. */
  address: z.string().nullable(),
  clientId: z.string().nullable(),
  grantId: z.string().nullable(),
  outcome: z.enum(["success", "failure"]),
  reason: z.string().nullable(),
  requestId: z.string().nullable(),
  /** The address of a user, sealed with the user's own key. */
  sealedAddress: z.string().nullable(),
  sessionId: z.string().nullable(),
  /** Epoch milliseconds: the order of events within a second matters. */
  time: z.int(),
  /** A plain string, so that an event of a newer release can still be read. */
  type: z.string(),
  userId: z.string().nullable(),
});
export type AuditEvent = z.infer<typeof auditEventSchema>;

const named = auditEventSchema.pick({ userId: true, clientId: true });

/** The actor of an event that names no other: its user, or else its client. */
export function usualActor({ userId, clientId }: Pick<AuditEvent, "userId" | "clientId">): string {
  if (userId !== null) return `person:${userId}`;
  return clientId === null ? "anonymous" : `client:${clientId}`;
}

/** The version of a list that holds one event, and of one that holds several such lists. */
const versions = { one: 2, several: 3 };

/**
 * How a local file holds an event in the order of time. What most events have comes first, because the
 * rest of the list is left out. The time is in the key, and the usual actor follows from the rest. An entry
 * of several events holds their lists.
 */
export const placedEventPacking: Packing<{ readonly events: readonly AuditEvent[] }> = {
  pack(_, { events }, key) {
    const [event] = events;
    if (event === undefined || events.length > 1 || event.time !== key.at(-2)) return null;
    const packed = [
      versions.one,
      null,
      event.type,
      event.userId,
      event.grantId,
      event.clientId,
      event.sealedAddress,
      event.requestId,
      event.sessionId,
      event.address,
      event.outcome === "success" ? null : event.outcome,
      event.reason,
      event.actor === usualActor(event) ? null : event.actor,
      event.about,
    ];
    while (packed.at(-1) === null) packed.pop();
    return packed;
  },
  unpack(packed, key) {
    const [version, , lists] = packed;
    if (version !== versions.several) return { event: unpacked(packed, key) };
    const isWhole = Array.isArray(lists) && lists.every(Array.isArray);
    return { events: isWhole ? lists.map((one) => unpacked(one, key)) : null };
  },
};

/** The list of several events, from the lists of each. */
export function joinedEvents(lists: readonly unknown[]): unknown[] {
  return [versions.several, null, lists];
}

function unpacked(packed: readonly unknown[], key: Deno.KvKey): unknown {
  const [userId, grantId, clientId, sealedAddress, requestId, sessionId, address, ...rest] = Array
    .from({ length: 11 }, (_, n) => packed[3 + n] ?? null);
  const [outcome, reason, actor, about] = rest;
  return {
    type: packed[2],
    time: key.at(-2),
    actor: actor ?? usualActor(named.parse({ userId, clientId })),
    outcome: outcome ?? "success",
    reason,
    clientId,
    userId,
    grantId,
    sessionId,
    about,
    address,
    sealedAddress,
    requestId,
  };
}
