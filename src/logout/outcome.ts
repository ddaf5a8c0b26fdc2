import * as auditEvents from "../../stores/audit_events.ts";
import type { Present } from "../../stores/engine/collection.ts";
import type { Transaction } from "../../stores/engine/transaction.ts";
import * as logoutOutbox from "../../stores/logout_outbox.ts";
import type { LogoutMessage } from "../../stores/logout_outbox.ts";
import { nextAttempt, type Outcome } from "../outgoing/message.ts";

const pace = { first: 15, longest: 3600 };

/** Records what became of an attempt. @param by the worker that made it */
export function noteOutcome(
  tx: Transaction,
  message: Present<LogoutMessage>,
  by: string,
  outcome: Outcome,
) {
  const { clientId, sessionId, userId, leasedBy } = message.value;
  if (outcome.kind === "told") {
    logoutOutbox.finish(tx, message);
    const event = { clientId, sessionId, userId, reason: "backchannel" };
    return auditEvents.append(tx, { type: "client_told_of_logout", ...event });
  }
  // The lease expired and another worker has taken the message: that worker records the result.
  if (leasedBy !== by) return;
  const { kind, error } = outcome;
  const next = nextAttempt(tx, message.value, kind, pace);
  if (next === null) return void giveUp(tx, message, error);
  logoutOutbox.postpone(tx, message, {
    ...next,
    ...(kind === "held_back" ? {} : { lastError: error }),
  });
}

/** Gives a message up: the client is not told. */
export function giveUp(
  tx: Transaction,
  message: Present<LogoutMessage>,
  error: string,
): { readonly error: string } {
  const { clientId, sessionId, userId } = message.value;
  logoutOutbox.bury(tx, message, error);
  auditEvents.append(tx, {
    type: "client_not_told_of_logout",
    outcome: "failure",
    reason: error,
    clientId,
    sessionId,
    userId,
  });
  return { error };
}
