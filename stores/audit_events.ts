import { z } from "zod";
import { openForUser, sealForUser } from "../src/crypto/user_seal.ts";
import { usualActor } from "./audit_event.ts";
import { entryIdOf, idInEntry, nextEventId } from "./audit_event_ids.ts";
import {
  type AuditEvent,
  events,
  eventsByTime,
  hasUsersEntry,
  type PlacedEvents,
} from "./audit_event_record.ts";
import type { AuditEventType } from "./audit_event_types.ts";
import {
  type Collection,
  collection,
  type Entry,
  type Present,
  type Ref,
} from "./engine/collection.ts";
import { inPlaces } from "./engine/packing.ts";
import type { Transaction } from "./engine/transaction.ts";
import { idOf as userIdOf, type User } from "./users.ts";

/** Entries that lead to their event. Version 1, which the previous release can read. */
const leadsByTime = collection({
  family: "audit_events_by_time",
  version: 1,
  isRarelyRead: true,
  schema: z.object({}),
});

const eventsByPerson = collection({
  family: "audit_events_by_person",
  version: 1,
  isRarelyRead: true,
  schema: z.object({}),
  packing: inPlaces({}),
});

export const byTime: Collection<PlacedEvents> = eventsByTime;
/** The events of a user, in the order of time. */
export const byUser: Collection<Record<string, never>> = eventsByPerson;

export type { AuditEvent, PlacedEvents };

export interface NewAuditEvent {
  readonly type: AuditEventType;
  readonly outcome?: "success" | "failure";
  readonly reason?: string;
  /** The actor, if it is not the user or client that the event names. */
  readonly actor?: string;
  readonly about?: string;
  readonly clientId?: string | null;
  /** The user who caused the event, if known. Their address is kept, sealed. */
  readonly user?: Present<User> | null;
  /** The id of the user concerned, if their record was not read. */
  readonly userId?: string | null;
  readonly grantId?: string | null;
  readonly sessionId?: string | null;
  /**
   * For the end of something that several steps may end unchecked: derived from the ended record, so that
   * they leave one event.
   */
  readonly id?: string;
}

export function ref(eventId: string): Ref<AuditEvent> {
  return events.ref(eventId);
}

export function idOf(event: { readonly ref: Ref<AuditEvent> }): string {
  return String(event.ref.key.at(-1));
}

/** The address of an event. A user's address can be read only while the user exists. */
export function addressOf(event: Present<AuditEvent>, user: User | null): string | null {
  const { address, sealedAddress } = event.value;
  if (sealedAddress === null || user === null) return address;
  return openForUser(user.auditKey, idOf(event), sealedAddress);
}

/** The place of an event in the order of time. */
export interface Place {
  /** Epoch milliseconds. */
  readonly time: number;
  readonly id: string;
}

/** The place of an event, as its entry in the order of time, or of its user's events, names it. */
export function placeOf(entry: Ref<unknown>): Place {
  return { time: Number(entry.key.at(-2)), id: String(entry.key.at(-1)) };
}

/** The entry of the event at a place. */
export function placedRef({ time, id }: Place): Ref<PlacedEvents> {
  return eventsByTime.ref(time, entryIdOf(id));
}

/** The events that an entry holds. None: the entry leads to its event, or has been deleted. */
export function heldIn(entry: Entry<PlacedEvents>): Present<AuditEvent>[] {
  const { ref, value, versionstamp } = entry;
  if (value === null || versionstamp === null) return [];
  const { time, id } = placeOf(ref);
  return value.events.map((event, n) => {
    const key = [eventsByTime.family, time, idInEntry(id, n)];
    return { ref: { collection: events, key }, value: event, versionstamp };
  });
}

/** Deletes the events of an entry, which are older than their retention, and their other entries of this time. */
export function expire(tx: Transaction, expired: readonly AuditEvent[], { time, id }: Place) {
  tx.end(eventsByTime.ref(time, id));
  const [event] = expired;
  // Events that share an entry have nothing else.
  if (event === undefined || expired.length > 1) return;
  tx.end(eventsByPerson.ref(event.userId ?? nobody, time, id));
  // An event that was written twice has the later time, and is deleted with its later entry.
  if (event.time === time) tx.end(ref(id));
}

/** Records what the step does, in the same commit. */
export function append(tx: Transaction, event: NewAuditEvent) {
  const { id = nextEventId(tx), type, outcome = "success", reason = null } = event;
  const { clientId = null, grantId = null, sessionId = null, about = null, user } = event;
  const userId = user ? userIdOf(user) : event.userId ?? null;
  const { address, requestId } = tx.origin;
  const actor = tx.origin.actor ?? event.actor ?? usualActor({ userId, clientId });
  const written: AuditEvent = {
    type,
    time: tx.milliseconds,
    actor,
    outcome,
    reason,
    clientId,
    userId,
    grantId,
    sessionId,
    about,
    // An address next to a user's id is personal data: it is sealed, or not kept.
    address: userId === null ? address : null,
    sealedAddress: user && address !== null
      ? sealForUser(tx.random, user.value.auditKey, id, address)
      : null,
    requestId,
  };
  // An end has an id of its own: of two steps that bring it about, the second overwrites the event. On a
  // shared store the previous release may still run, and looks for each event under its id.
  if (tx.isLocal && event.id === undefined) {
    tx.add(eventsByTime.ref(tx.milliseconds, id), { events: [written] });
  } else {
    tx.add(ref(id), written);
    tx.add(leadsByTime.ref(tx.milliseconds, id), {});
  }
  if (hasUsersEntry(written)) {
    tx.add(eventsByPerson.ref(userId ?? nobody, tx.milliseconds, id), {});
  }
}

/** The index place of entries without an event. No user has this id. */
const nobody = "nobody";
