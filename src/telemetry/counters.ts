import { type Attributes, type Counter, metrics } from "@opentelemetry/api";

/** What is counted, and by which attribute. docs/operating.md says what each is good for. */
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
  "latchkey.mails": "Mails, by outcome: sent, or failed for good",
  "latchkey.answers.unavailable": "Answers with status 503, by route",
  "latchkey.cron.runs": "Runs of cron jobs, by job and outcome: done or failed",
} as const;
export type CounterName = keyof typeof counters;

const made = new Map<CounterName, Counter>();

/**
 * Counts something. Where nobody collects, which is so without OTEL_DENO=true, it does nothing.
 *
 * @param attributes of few values each: names of ours, never an id, an address or a text from outside
 */
export function count(name: CounterName, attributes: Attributes = {}) {
  let counter = made.get(name);
  if (counter === undefined) {
    // Made at its first use: whoever collects has registered by then.
    counter = metrics.getMeter("latchkey").createCounter(name, { description: counters[name] });
    made.set(name, counter);
  }
  counter.add(1, attributes);
}
