import type { AuditEvent } from "../../stores/audit_events.ts";
import * as auditEvents from "../../stores/audit_events.ts";
import {
  comparePlaces,
  eventPages,
  type Place,
  placeAfter,
  type StoredEvent,
} from "../../src/audit/events_in_order.ts";
import { searchBack } from "../../src/audit/search.ts";
import type { World } from "./world.ts";

/** When all is quiet: whether who reads the audit trail finds each event once, from wherever they begin. */
export async function readTrail(world: World) {
  const { history, findings } = world;
  const { deps } = world.processAt(0);
  const found = await eventsFrom(world, [0]);
  const left = new Map<string, number>();
  const count = (event: AuditEvent, by: number) =>
    left.set(textOf(event), (left.get(textOf(event)) ?? 0) + by);
  for (const { key, record } of history.records.values()) {
    if (key[0] === "audit_events") count(record as AuditEvent, 1);
  }
  for (const { event } of found) count(event, -1);
  for (const [text, number] of left) {
    if (number > 0) findings.push(`an event is not in the trail: ${text}`);
    if (number < 0) findings.push(`an event is in the trail too often: ${text}`);
  }
  const places = found.map(({ id, event }): Place => [event.time, id]);
  if (places.some((place, n) => n > 0 && comparePlaces(places[n - 1] ?? [], place) >= 0)) {
    findings.push("the trail is not in order");
  }
  const chance = world.chanceOf("reader");
  const ids = found.map(({ id }) => id);
  for (let times = 0; times < 5 && places.length > 0; times++) {
    const at = chance.between(0, places.length - 1);
    const start = placeAfter(places[at] ?? []);
    const rest = ids.slice(at + 1).join();
    if ((await eventsFrom(world, start)).map(({ id }) => id).join() !== rest) {
      findings.push(`a page of the trail has not what follows ${ids[at]}`);
    }
    const back: string[] = [];
    for await (const { event } of searchBack(deps, {}, { start, end: [Infinity] })) {
      if (event !== null) back.push(auditEvents.idOf(event));
    }
    if (back.toReversed().join() !== rest) {
      findings.push(`a search of the trail does not find what follows ${ids[at]}`);
    }
  }
}

async function eventsFrom(world: World, place: Place): Promise<StoredEvent[]> {
  const { deps } = world.processAt(0);
  const found: StoredEvent[] = [];
  for await (const events of eventPages(deps, place)) found.push(...events);
  return found;
}

function textOf({ time, type, clientId, grantId, userId, about, requestId }: AuditEvent): string {
  return [time, type, clientId, grantId, userId, about, requestId].join(" ");
}
