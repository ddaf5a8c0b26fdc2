import { type AuditEventKind, auditEventKinds, kindOf } from "../../stores/audit_event_types.ts";
import { peekListed } from "../../stores/audit_event_reading.ts";
import type { AuditEvent } from "../../stores/audit_events.ts";
import * as auditEvents from "../../stores/audit_events.ts";
import * as auditRetention from "../../stores/audit_retention.ts";
import { assertHeld, type Lease } from "../../stores/engine/leases.ts";
import { parts } from "../../stores/engine/batches.ts";
import { systemOrigin } from "../../stores/engine/transaction.ts";
import { type Place, placeAfter } from "../audit/events_in_order.ts";
import { retentionOf } from "../config/config.ts";
import type { Deps } from "../deps/deps.ts";
import { throttled } from "./throttled.ts";

const perPage = 100;
/** Small commits keep the waits of requests short. */
const perCommit = 25;
/** Milliseconds: an event can be committed this long after its time. */
const latestArrival = 2 * 3_600_000;

/**
 * Removes audit events that are older than the retention of their kind, in the order of time. It goes on
 * where the last cleanup ended, so it reads only what became due since then.
 * @param tell called with the number of removed events, after each page
 * @throws {LeaseLost}
 * @throws {Interrupted}
 */
export async function removeOldEvents(
  deps: Deps,
  lease: Lease,
  tell: (events: number) => Promise<void>,
): Promise<void> {
  const marks = await deps.kv.step(
    systemOrigin,
    (tx) => Promise.all(auditEventKinds.map((kind) => auditRetention.removedBefore(tx, kind))),
  );
  // Events from before all marks were dated by a clock that was behind. Mostly there are none.
  const least = Math.min(...marks);
  if (least <= deps.clock.milliseconds()) await remove({ kind: null, from: [0], due: least });
  for (const [n, kind] of auditEventKinds.entries()) {
    const now = deps.clock.milliseconds();
    const due = now - retentionOf(deps.config.lifetimes, kind) * 1000;
    const done = marks[n] ?? 0;
    // A cleanup that came as far as the future had a wrong clock: events were written since, with earlier times.
    await remove({ kind, from: [done > now ? 0 : done], due });
  }

  async function remove({ kind, due, from: first }: DuePage) {
    for (let from: Place | null = first; from !== null;) {
      const { removed, next } = await removePage(deps, lease, { kind, from, due });
      if (removed > 0) await tell(removed);
      from = next;
    }
  }
}

interface DuePage {
  /** Whose mark moves on; null: none. */
  readonly kind: AuditEventKind | null;
  readonly from: Place;
  /** Epoch milliseconds: events from before are due. */
  readonly due: number;
}

/** @returns where the next page begins; null: this was the last one */
async function removePage(
  deps: Deps,
  lease: Lease,
  { kind, from, due }: DuePage,
): Promise<{ removed: number; next: Place | null }> {
  if (Number(from[0]) >= due) return { removed: 0, next: null };
  const { entries } = await throttled(deps, () =>
    deps.kv.list({
      collection: auditEvents.byTime,
      between: [from, [due]],
      limit: perPage,
      asOf: 0,
    }));
  const places = entries.map(({ ref }) => auditEvents.placeOf(ref));
  const last = places.length < perPage ? undefined : places.at(-1);
  // An event that is committed later, with an earlier time, is left to the next cleanup.
  const now = deps.clock.milliseconds();
  const before = Math.floor(Math.min(last?.time ?? due, now - latestArrival));
  // Events of an entry have one kind, but another release may have seen their types otherwise.
  const isDue = ({ type, time }: AuditEvent) =>
    time < now - retentionOf(deps.config.lifetimes, kindOf(type)) * 1000;
  const batches = places.length === 0 && kind !== null ? [[]] : parts(entries, perCommit);
  let removed = 0;
  for (const [n, batch] of batches.entries()) {
    removed += await throttled(deps, () =>
      deps.kv.step(systemOrigin, async (tx) => {
        await assertHeld(tx, lease);
        const found = await peekListed(tx, batch);
        let count = 0;
        for (const [at, { ref }] of batch.entries()) {
          const events = found[at]?.map(({ value }) => value) ?? [];
          if (!events.every(isDue)) continue;
          auditEvents.expire(tx, events, auditEvents.placeOf(ref));
          count += Math.max(1, events.length);
        }
        const isLast = n === batches.length - 1;
        if (isLast && kind !== null) await auditRetention.advance(tx, kind, before);
        return count;
      }));
  }
  return { removed, next: last === undefined ? null : placeAfter([last.time, last.id]) };
}
