import { type AuditEvent, eventsIn } from "../../stores/audit_event_record.ts";
import { tokenEvents } from "../../stores/grant_types.ts";
import { StoreUnavailable } from "../../stores/engine/store_errors.ts";
import type { KvObserver } from "../../stores/engine/step.ts";
import { count } from "./counters.ts";
import { telemetry } from "./collector.ts";
import type { Logger } from "./logger.ts";
import { isTraced, tellSpan, withSpan } from "./spans.ts";

/**
 * Counts what happens at the store, and makes each step a span. It counts the audit events in landed
 * commits, so only what really happened is counted.
 */
export function kvObserver(logger: Logger): KvObserver {
  return {
    step: (run) => withSpan("step", run, countStep),
    landed(batch) {
      if (telemetry() === null) return; // else it would look for the events of each commit in vain
      const events = eventsIn(batch);
      if (isTraced()) {
        tellSpan({
          "latchkey.step.checks": batch.checks.length,
          "latchkey.step.mutations": batch.mutations.length,
          "latchkey.step.events": events.map(({ type }) => type).join(" "),
        });
      }
      events.forEach(countEvent);
    },
    stepRerun: (reason) => count("latchkey.step.reruns", { reason }),
    outcomeUnknown() {
      count("latchkey.step.unknown_outcomes");
      logger.warn("the outcome of a commit is unknown; it is being settled in the background");
    },
    undelivered() {
      count("latchkey.step.undelivered");
      logger.warn(
        "a step landed although it was answered 503; its results are marked as undelivered",
      );
    },
    settlingFailed(error) {
      count("latchkey.step.settling_failures");
      logger.error("a commit could not be settled", { error });
    },
  };
}

/** The grant types by the events of their tokens; of a URN its last part. */
const grantTypeOf: ReadonlyMap<string, string> = new Map(
  Object.entries(tokenEvents).map(([grantType, event]) => [
    event,
    grantType.split(":").at(-1)?.replaceAll("-", "_") ?? grantType,
  ]),
);

/** @returns whether the step failed */
function countStep(thrown: { readonly error: unknown } | null): boolean {
  const isUnavailable = thrown?.error instanceof StoreUnavailable;
  const outcome = thrown === null ? "done" : isUnavailable ? "unavailable" : "refused";
  count("latchkey.steps", { outcome });
  return isUnavailable;
}

function countEvent({ type, reason, outcome }: AuditEvent) {
  const grantType = grantTypeOf.get(type);
  if (grantType !== undefined) return count("latchkey.tokens", { grant_type: grantType });
  switch (type) {
    case "grant_ended":
      if (reason === "code_replayed") count("latchkey.replays", { kind: "code" });
      if (reason === "reuse_detected") count("latchkey.replays", { kind: "refresh_token" });
      return;
    case "session_token_used":
      if (outcome === "failure") count("latchkey.replays", { kind: "session_token" });
      return;
    case "signed_in":
      return count("latchkey.sign_ins", { outcome: "success" });
    case "sign_in_failed":
      return count("latchkey.sign_ins", { outcome: "failure" });
    case "client_told_of_answer":
      return count("latchkey.pings", { outcome: "told" });
    case "client_not_told_of_answer":
      return count("latchkey.pings", { outcome: "failed" });
    case "client_told_of_logout":
      return count("latchkey.logout_messages", { outcome: "told" });
    case "client_not_told_of_logout":
      return count("latchkey.logout_messages", { outcome: "failed" });
    case "mail_sent":
      return count("latchkey.mails", { outcome: "sent" });
    case "mail_failed":
      return count("latchkey.mails", { outcome: "failed" });
  }
}
