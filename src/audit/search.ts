import * as auditBlocks from "../../stores/audit_blocks.ts";
import { readListed } from "../../stores/audit_event_reading.ts";
import type { AuditEvent } from "../../stores/audit_events.ts";
import * as auditEvents from "../../stores/audit_events.ts";
import type { Present } from "../../stores/engine/collection.ts";
import { systemOrigin } from "../../stores/engine/transaction.ts";
import type { Deps } from "../deps/deps.ts";
import { comparePlaces, entryAt, type Place, placeAfter } from "./events_in_order.ts";

/** An event, or only how far the search has come. */
export interface Step {
  /** Null: some events were passed over. */
  readonly event: Present<AuditEvent> | null;
  /** The search continues with events before this place. */
  readonly end: Place;
  /** What it cost: events read, or blocks passed over. */
  readonly events: number;
  readonly blocks: number;
}

/** Each of one event or a few. */
const entriesAtOnce = 100;
const blocksAtOnce = 200;

/**
 * Goes through the audit events from the newest on. It passes over blocks that have nothing of what is
 * searched for, without reading their events. The caller compares the events that it gets.
 * @param start the search ends there
 * @param end the search begins before this place
 */
export async function* searchBack(
  deps: Pick<Deps, "kv" | "clock">,
  searched: auditBlocks.SearchedFor,
  { start, end: from }: { readonly start: Place; readonly end: Place },
): AsyncGenerator<Step> {
  let end = from;
  let below = from;
  const isEverything = Object.values(searched).every((value) => value === undefined);
  for (let more = !isEverything; more;) {
    const { entries } = await deps.kv.list({
      collection: auditBlocks.all,
      between: [[], below],
      limit: blocksAtOnce,
      reverse: true,
    });
    more = entries.length === blocksAtOnce;
    for (const block of entries) {
      const after = placeAfter(block.value.to);
      if (comparePlaces(after, start) <= 0) {
        more = false;
        break;
      }
      if (auditBlocks.isOfFuture(block, deps.clock.milliseconds())) {
        below = auditBlocks.beginOf(block);
        continue;
      }
      // Events after the block have none: they are new, or their block is gone.
      if (comparePlaces(after, end) < 0) {
        yield* events(deps, later(after, start), end);
        end = after;
      }
      below = auditBlocks.beginOf(block);
      const begin = placeAfter(below);
      if (auditBlocks.mayHave(block.value, searched)) {
        yield* events(deps, later(begin, start), end);
      }
      end = begin;
      yield { event: null, end, events: 0, blocks: 1 };
    }
  }
  if (comparePlaces(start, end) < 0) yield* events(deps, start, end);
}

async function* events({ kv }: Pick<Deps, "kv">, start: Place, from: Place): AsyncGenerator<Step> {
  let end = from;
  for (let more = true; more;) {
    if (comparePlaces(start, end) >= 0) return;
    const { entries } = await kv.list({
      collection: auditEvents.byTime,
      between: [entryAt(start), end],
      limit: entriesAtOnce,
      reverse: true,
    });
    more = entries.length === entriesAtOnce;
    const found = await kv.step(systemOrigin, (tx) => readListed(tx, entries));
    for (const [n, { ref }] of entries.entries()) {
      const held = found[n] ?? [];
      for (const event of held.toReversed()) {
        const place = [event.value.time, auditEvents.idOf(event)];
        if (comparePlaces(place, end) >= 0) continue;
        if (comparePlaces(place, start) < 0) return;
        end = place;
        yield { event, end, events: 1, blocks: 0 };
      }
      if (held.length > 0) continue;
      const { time, id } = auditEvents.placeOf(ref);
      end = [time, id];
      yield { event: null, end, events: 1, blocks: 0 };
    }
  }
}

function later(one: Place, other: Place): Place {
  return comparePlaces(one, other) < 0 ? other : one;
}
