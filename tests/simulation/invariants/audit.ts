import type { AuditEvent } from "../../../stores/audit_events.ts";
import { mirroredTypes } from "../actions.ts";
import type { World } from "../world.ts";

/** No action without its event, and no event without its action. */
export function* audited({ history }: World): Generator<string> {
  const balance = new Map<string, number>();
  const count = (name: string, by: number) => balance.set(name, (balance.get(name) ?? 0) + by);
  for (const { type, subject } of history.actions) count(`${type} ${subject}`, 1);
  for (const { key, record } of history.records.values()) {
    if (key[0] !== "audit_events") continue;
    const event = record as AuditEvent;
    // Of what came to nothing only a denied consent is something that was done.
    const isDone = event.outcome === "success" || event.type === "consent_denied";
    if (isDone && mirroredTypes.has(event.type)) count(`${event.type} ${subjectOf(event)}`, -1);
  }
  for (const [name, left] of balance) {
    if (left > 0) yield `done without an audit event: ${name}`;
    if (left < 0) yield `an audit event of what was not done: ${name}`;
  }
}

function subjectOf({ type, clientId, userId, grantId, sessionId }: AuditEvent): string {
  switch (type) {
    case "session_token_issued":
    case "session_token_used":
    case "session_ended":
    case "signed_in":
      return sessionId ?? "";
    case "first_factor_passed":
    case "mail_sign_in_requested":
    case "recovery_code_used":
      return userId ?? "";
    case "request_pushed":
    case "consent_denied":
      return clientId ?? "";
    case "application_withdrawn":
    case "consent_given":
      return `${userId} ${clientId}`;
    default:
      return grantId ?? "";
  }
}
