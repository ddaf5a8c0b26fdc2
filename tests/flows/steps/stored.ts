import { changes } from "../../support/harmless.ts";
import { snapshot } from "../../support/records.ts";
import type { Scene } from "./step.ts";

/** What is written without anything having been done. */
const passing = ["step_markers"];

/** All that is stored. */
export async function stored({ provider }: Scene): Promise<Map<string, unknown>> {
  const found = await snapshot(provider.backend);
  for (const key of found.keys()) if (passing.includes(JSON.parse(key)[0])) found.delete(key);
  return found;
}

/**
 * The keys of what has changed, but for what a refusal may leave behind: its event, one try less, and the
 * request to sign in that it begins.
 */
export function effects(before: Map<string, unknown>, after: Map<string, unknown>): string[] {
  const isPassing = (key: string) =>
    /^\["(audit_budgets|audit_events|audit_events_by_time|interactions|rate_limits)/.test(key);
  return changes(before, after).filter((key) => {
    if (!key.startsWith('["challenges"')) return !isPassing(key);
    const [one, two] = [before, after].map((records) => records.get(key)).map(withoutTries);
    return JSON.stringify(one) !== JSON.stringify(two);
  });
}

function withoutTries(stored: unknown): unknown {
  const { record } = stored as { record?: object } ?? {};
  return { ...record, triesLeft: null };
}
