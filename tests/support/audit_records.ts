import { idInEntry } from "../../stores/audit_event_ids.ts";
import { type AuditEvent, eventsIn } from "../../stores/audit_event_record.ts";

/** The audit events that a stored record holds, with their ids. */
export function auditEventsIn(
  key: Deno.KvKey,
  value: unknown,
): (AuditEvent & { readonly id: string })[] {
  return eventsIn({ checks: [], mutations: [{ type: "set", key, value }] })
    .map((event, n) => ({ ...event, id: idInEntry(String(key.at(-1)), n) }));
}

/** The first audit event that a stored record holds, with its id; null: the record holds none. */
export function auditEventIn(
  key: Deno.KvKey,
  value: unknown,
): (AuditEvent & { readonly id: string }) | null {
  return auditEventsIn(key, value)[0] ?? null;
}

/** The same record with another event. */
export function withAuditEvent(key: Deno.KvKey, value: unknown, event: AuditEvent): unknown {
  // Where the store holds a list without names, the same release reads names too.
  const version = Array.isArray(value) ? value[0] : (value as { version: number }).version;
  return { version, record: key[0] === "audit_events" ? event : { event } };
}
