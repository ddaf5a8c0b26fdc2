import type { AuditEvent, Place, PlacedEvents } from "./audit_events.ts";
import * as auditEvents from "./audit_events.ts";
import { inBatches, peekInBatches } from "./engine/batches.ts";
import { type Entry, isPresent, type Present } from "./engine/collection.ts";
import type { Transaction } from "./engine/transaction.ts";

/**
 * Reads the events of each listed entry, in their order. None: the event was deleted, or it was written
 * again with another time, because two steps ended the same thing.
 */
export async function readListed(
  tx: Transaction,
  entries: readonly Entry<PlacedEvents>[],
): Promise<(readonly Present<AuditEvent>[])[]> {
  const held = entries.map(auditEvents.heldIn);
  const places = entries.map(({ ref }) => auditEvents.placeOf(ref));
  const led = places.filter((_, n) => held[n]?.length === 0);
  const found = await inBatches(tx, led.map(({ id }) => auditEvents.ref(id)));
  const byId = new Map(led.map(({ id }, n) => [id, found[n]]));
  return places.map(({ time, id }, n) => {
    const own = held[n] ?? [];
    const event = byId.get(id);
    if (own.length > 0 || event === undefined) return own;
    return isPresent(event) && event.value.time === time ? [event] : [];
  });
}

/** Reads the events at places, in their order; null: as above. */
export async function readPlaced(
  tx: Transaction,
  places: readonly Place[],
): Promise<(Present<AuditEvent> | null)[]> {
  const found = await readListed(tx, await inBatches(tx, places.map(auditEvents.placedRef)));
  return places.map(({ id }, n) =>
    found[n]?.find((event) => auditEvents.idOf(event) === id) ?? null
  );
}

/** An event that may have changed since. */
export interface PeekedEvent {
  readonly id: string;
  readonly value: AuditEvent;
}

/** The events of each listed entry, with any time, for a step that ends them. None: it was deleted. */
export async function peekListed(
  tx: Transaction,
  entries: readonly Entry<PlacedEvents>[],
): Promise<(readonly PeekedEvent[])[]> {
  const held = entries.map((entry) =>
    auditEvents.heldIn(entry).map((event) => ({ id: auditEvents.idOf(event), value: event.value }))
  );
  const led = entries.filter((_, n) => held[n]?.length === 0)
    .map(({ ref }) => auditEvents.placeOf(ref).id);
  const found = await peekInBatches(tx, led.map(auditEvents.ref), "to_be_ended");
  const byId = new Map(led.map((id, n) => [id, found[n]?.value ?? null]));
  return entries.map(({ ref }, n) => {
    const { id } = auditEvents.placeOf(ref);
    const own = held[n] ?? [];
    const value = byId.get(id);
    return own.length > 0 || !value ? own : [{ id, value }];
  });
}
