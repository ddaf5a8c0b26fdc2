import * as auditEvents from "../../stores/audit_events.ts";
import type { Present } from "../../stores/engine/collection.ts";
import type { Transaction } from "../../stores/engine/transaction.ts";
import * as logoutOutbox from "../../stores/logout_outbox.ts";
import type { LogoutMessage } from "../../stores/logout_outbox.ts";
import { afterLimit, type Outcome } from "./send.ts";

const mostAttempts = 12;

/** Records what became of an attempt. @param by the worker that made it */
export function noteOutcome(
  tx: Transaction,
  message: Present<LogoutMessage>,
  by: string,
  outcome: Outcome,
) {
  const { clientId, sessionId, userId, leasedBy, attempts, giveUpAt } = message.value;
  if (outcome.kind === "told") {
    logoutOutbox.finish(tx, message);
    const event = { clientId, sessionId, userId, reason: "backchannel" };
    return auditEvents.append(tx, { type: "client_told_of_logout", ...event });
  }
  // The lease expired and another worker has taken the message: that worker records the result.
  if (leasedBy !== by) return;
  const { kind, error } = outcome;
  if (kind === "held_back") {
    const nextAttemptAt = tx.now + afterLimit;
    if (nextAttemptAt >= giveUpAt) return void giveUp(tx, message, error);
    return logoutOutbox.postpone(tx, message, { nextAttemptAt, attempts: attempts - 1 });
  }
  const nextAttemptAt = tx.now + backoff(attempts, tx);
  const isOver = kind === "refused" || attempts >= mostAttempts || nextAttemptAt >= giveUpAt;
  if (isOver) return void giveUp(tx, message, error);
  logoutOutbox.postpone(tx, message, { nextAttemptAt, lastError: error });
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

/** Seconds: 15, 30, 60 and so on up to an hour, plus up to a quarter, so that retries spread. */
function backoff(attempts: number, { random }: Transaction): number {
  const seconds = Math.min(15 * 2 ** (attempts - 1), 3600);
  return seconds + Math.floor((random.bytes(1)[0] ?? 0) / 1024 * seconds);
}
