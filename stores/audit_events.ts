import { z } from "zod";
import { randomId } from "../src/crypto/random.ts";
import { type Collection, collection, type Present, type Ref } from "./collection.ts";
import type { Transaction } from "./transaction.ts";

export const auditEventTypes = [
  "client_created",
  "client_updated",
  "code_exchanged",
  "code_issued",
  "consent_denied",
  "consent_given",
  "grant_ended",
  "refresh_token_used",
  "request_pushed",
  "resource_created",
  "resource_updated",
  "session_ended",
  "setup_link_issued",
  "sign_in_failed",
  "signed_in",
  "signing_key_created",
  "signing_key_rotated",
  "token_issued",
  "token_revoked",
  "user_created",
  "user_updated",
] as const;
export type AuditEventType = (typeof auditEventTypes)[number];

const schema = z.object({
  /** A plain string: an event of a newer release is still read. */
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
  address: z.string().nullable(),
  requestId: z.string().nullable(),
});
export type AuditEvent = z.infer<typeof schema>;
const events = collection({ family: "audit_events", version: 1, schema });
const eventsByTime = collection({
  family: "audit_events_by_time",
  version: 1,
  schema: z.object({}),
  target: (key) => ref(String(key[2])),
});

export const byTime: Collection<Record<string, never>> = eventsByTime;

export interface NewAuditEvent {
  readonly type: AuditEventType;
  readonly outcome?: "success" | "failure";
  readonly reason?: string;
  /** Where it is not the person or client that the event names. */
  readonly actor?: string;
  readonly clientId?: string | null;
  readonly userId?: string | null;
  readonly grantId?: string | null;
  readonly sessionId?: string | null;
  /** Of an end that several may bring about unchecked: derived from what ended, so they leave one event. */
  readonly id?: string;
}

export function ref(eventId: string): Ref<AuditEvent> {
  return events.ref(eventId);
}

/** Removes an event that is older than the operator keeps them. */
export function expire(tx: Transaction, event: Present<AuditEvent>, time: number) {
  tx.delete(event);
  tx.end(eventsByTime.ref(time, String(event.ref.key[1])));
}

/** Records what the step does, in the commit that does it. */
export function append(tx: Transaction, event: NewAuditEvent) {
  const { id = randomId(tx.random), type, outcome = "success", reason = null } = event;
  const { clientId = null, userId = null, grantId = null, sessionId = null } = event;
  const { address, requestId } = tx.origin;
  const actor = tx.origin.actor ?? event.actor ??
    (userId !== null ? `person:${userId}` : clientId !== null ? `client:${clientId}` : "anonymous");
  tx.add(ref(id), {
    type,
    time: tx.milliseconds,
    actor,
    outcome,
    reason,
    clientId,
    userId,
    grantId,
    sessionId,
    address,
    requestId,
  });
  tx.add(eventsByTime.ref(tx.milliseconds, id), {});
}
