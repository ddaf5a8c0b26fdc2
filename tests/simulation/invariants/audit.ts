import type { AuditEvent } from "../../../stores/audit_events.ts";
import { mirroredTypes } from "../actions.ts";
import type { World } from "../world.ts";

/** Every action has its audit event, and every audit event has its action. */
export function* audited({ history }: World): Generator<string> {
  const balance = new Map<string, number>();
  const count = (name: string, by: number) => balance.set(name, (balance.get(name) ?? 0) + by);
  for (const { type, subject } of history.actions) count(`${type} ${subject}`, 1);
  for (const { key, record } of history.records.values()) {
    if (key[0] !== "audit_events" || history.past.has(JSON.stringify(key))) continue;
    const event = record as AuditEvent;
    const isDone = event.outcome === "success" || doneInVain.has(event.type);
    if (isDone && mirroredTypes.has(event.type)) count(`${event.type} ${subjectOf(event)}`, -1);
  }
  for (const [name, left] of balance) {
    if (left > 0) yield `done without an audit event: ${name}`;
    if (left < 0) yield `an audit event of what was not done: ${name}`;
  }
}

/** Actions that were committed although the request was refused. */
const doneInVain: ReadonlySet<string> = new Set([
  "backchannel_denied",
  "consent_denied",
  "device_denied",
  "mail_sign_in_requested",
  "passkey_copied",
  "sign_up_requested",
  "password_reset_requested",
]);

function subjectOf({ type, outcome, about, ...event }: AuditEvent): string {
  const { clientId, userId, grantId, sessionId } = event;
  switch (type) {
    case "passkey_added":
    case "passkey_copied":
    case "invitation_created":
    case "invitation_accepted":
      return about ?? "";
    case "sign_up_requested":
      return "";
    case "mail_sign_in_requested":
    case "password_reset_requested":
      return outcome === "success" ? userId ?? "" : ""; // nobody gets the mail
    case "session_token_issued":
    case "session_token_used":
    case "session_ended":
    case "signed_in":
      return sessionId ?? "";
    case "first_factor_passed":
    case "magic_link_turned_into_code":
    case "recovery_code_used":
    case "address_change_requested":
    case "user_created":
    case "password_reset":
    case "password_removed":
    case "address_changed":
    case "totp_added":
      return userId ?? "";
    case "backchannel_denied":
    case "backchannel_requested":
    case "device_denied":
    case "device_requested":
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
