import type { Attributes, Counter } from "@opentelemetry/api";
import { telemetry } from "./collector.ts";

/** The counters, each with its attribute. docs/operating.md explains their use. */
export const counters = {
  "latchkey.steps": "Steps, by outcome: done, refused or unavailable",
  "latchkey.step.reruns": "Runs of a step after its first, by reason: conflict, waited or void",
  "latchkey.step.unknown_outcomes":
    "Commits that may have landed or not: answered 503, then settled",
  "latchkey.step.undelivered": "Commits that landed though their answer was a 503",
  "latchkey.step.settling_failures": "Commits whose outcome was never found out",
  "latchkey.replays": "Used things that came back and passed every binding, by kind",
  "latchkey.tokens": "Token responses, by grant_type",
  "latchkey.sign_ins": "Sign-ins, by outcome: success or failure",
  "latchkey.limits.refused": "What a rate limit refused, by limit",
  "latchkey.logout_messages":
    "Messages to clients that a session has ended, by outcome: told, or failed for good",
  "latchkey.pings":
    "Messages to clients that a user has answered, by outcome: told, or failed for good",
  "latchkey.mails": "Mails, by outcome: sent, or failed for good",
  "latchkey.answers.unavailable": "Answers with status 503, by route",
  "latchkey.cron.runs": "Runs of cron jobs, by job and outcome: done or failed",
} as const;
export type CounterName = keyof typeof counters;

const made = new Map<CounterName, Counter>();

/**
 * Increases a counter. Without a collector (OTEL_DENO=true is not set) it does nothing.
 * @param attributes with few possible values: our own names, never an id, an address or text from outside
 */
export function count(name: CounterName, attributes: Attributes = {}) {
  const collector = telemetry();
  if (collector === null) return;
  let counter = made.get(name);
  if (counter === undefined) {
    counter = collector.metrics.getMeter("latchkey").createCounter(name, {
      description: counters[name],
    });
    made.set(name, counter);
  }
  counter.add(1, attributes);
}
