import type { AuditSeal } from "../../stores/audit_seals.ts";
import * as auditSeals from "../../stores/audit_seals.ts";
import { eachPage } from "../../stores/engine/each_entry.ts";
import type { Deps } from "../deps/deps.ts";

/**
 * Milliseconds between the start of a step, which dates its event, and its commit: as long as an outcome
 * can stay unknown.
 */
export const latestArrival = 3_600_000;

/**
 * The earliest time that an event may have which is committed after a seal: epoch milliseconds. It follows from
 * the newest sealed event. A seal whose newest event is from the future was made by a wrong clock that has been
 * put back since: new events are dated before it, so the seals before it count.
 * @param last the seal; null: there is none
 */
export async function earliestArrival(
  deps: Pick<Deps, "kv" | "clock">,
  last: Pick<AuditSeal, "sequence"> | null,
): Promise<number> {
  if (last === null) return 0;
  const now = deps.clock.milliseconds();
  const upToLast = {
    collection: auditSeals.seals,
    between: [[], [last.sequence + 1]],
    limit: 10,
    reverse: true,
  } as const;
  for await (const entries of eachPage(deps, upToLast)) {
    const seal = entries.find(({ value }) => value.youngest <= now);
    if (seal !== undefined) return Math.max(0, seal.value.youngest - latestArrival);
  }
  return 0;
}
