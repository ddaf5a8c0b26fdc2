import type { AuditEvent, Place, PlacedEvent } from "./audit_events.ts";
import * as auditEvents from "./audit_events.ts";
import { peekInBatches } from "./engine/batches.ts";
import { inBatches } from "./engine/batches.ts";
import { type Entry, isPresent, type Present } from "./engine/collection.ts";
import type { Transaction } from "./engine/transaction.ts";

/**
 * Reads the events of listed entries, in their order. Null: the event was deleted, or it was written again
 * with another time, because two steps ended the same thing.
 */
export async function readListed(
  tx: Transaction,
  entries: readonly Entry<PlacedEvent>[],
): Promise<(Present<AuditEvent> | null)[]> {
  const held = entries.map(auditEvents.heldIn);
  const places = entries.map(({ ref }) => auditEvents.placeOf(ref));
  const led = places.filter((_, n) => held[n] === null);
  const found = await inBatches(tx, led.map(({ id }) => auditEvents.ref(id)));
  const byId = new Map(led.map(({ id }, n) => [id, found[n]]));
  return places.map(({ time, id }, n) => {
    const event = held[n] ?? byId.get(id);
    return event && isPresent(event) && event.value.time === time ? event : null;
  });
}

/** Reads the events at places, in their order; null as above. */
export async function readPlaced(
  tx: Transaction,
  places: readonly Place[],
): Promise<(Present<AuditEvent> | null)[]> {
  return await readListed(tx, await inBatches(tx, places.map(auditEvents.placedRef)));
}

/** The events of listed entries, with any time, for a step that ends them. Null: it was deleted. */
export async function peekListed(
  tx: Transaction,
  entries: readonly Entry<PlacedEvent>[],
): Promise<(AuditEvent | null)[]> {
  const held = entries.map((entry) => auditEvents.heldIn(entry)?.value ?? null);
  const led = entries.filter((_, n) => held[n] === null)
    .map(({ ref }) => auditEvents.placeOf(ref).id);
  const found = await peekInBatches(tx, led.map(auditEvents.ref), "to_be_ended");
  const byId = new Map(led.map((id, n) => [id, found[n]?.value ?? null]));
  return entries.map(({ ref }, n) => held[n] ?? byId.get(auditEvents.placeOf(ref).id) ?? null);
}
