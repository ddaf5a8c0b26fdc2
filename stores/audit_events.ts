import { z } from "zod";
import { openForPerson, sealForPerson } from "../src/crypto/person_seal.ts";
import { usualActor } from "./audit_event.ts";
import { nextEventId } from "./audit_event_ids.ts";
import { type AuditEvent, events, eventsByTime, type PlacedEvent } from "./audit_event_record.ts";
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

export const byTime: Collection<PlacedEvent> = eventsByTime;
/** The events of a user, in the order of time. */
export const byPerson: Collection<Record<string, never>> = eventsByPerson;

export type { AuditEvent, PlacedEvent };

export interface NewAuditEvent {
  readonly type: AuditEventType;
  readonly outcome?: "success" | "failure";
  readonly reason?: string;
  /** The actor, if it is not the user or client that the event names. */
  readonly actor?: string;
  readonly about?: string;
  readonly clientId?: string | null;
  /** The user who caused the event, if known. Their address is kept, sealed. */
  readonly person?: Present<User> | null;
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
export function addressOf(event: Present<AuditEvent>, person: User | null): string | null {
  const { address, sealedAddress } = event.value;
  if (sealedAddress === null || person === null) return address;
  return openForPerson(person.auditKey, idOf(event), sealedAddress);
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

/** The entry at a place. */
export function placedRef({ time, id }: Place): Ref<PlacedEvent> {
  return eventsByTime.ref(time, id);
}

/**
 * The event that an entry holds. Null: the entry leads to it, or has been deleted.
 * @param entry at that place
 */
export function heldIn(entry: Entry<PlacedEvent>): Present<AuditEvent> | null {
  const { ref: { key }, value, versionstamp } = entry;
  if (value === null || value.event === null || versionstamp === null) return null;
  return { ref: { collection: events, key }, value: value.event, versionstamp };
}

/** Deletes an event that is older than its retention, and its entries of this time. */
export function expire(tx: Transaction, event: AuditEvent | null, { time, id }: Place) {
  tx.end(eventsByTime.ref(time, id));
  if (event === null) return;
  tx.end(eventsByPerson.ref(event.userId ?? nobody, time, id));
  // An event that was written twice has the later time, and is deleted with its later entry.
  if (event.time === time) tx.end(ref(id));
}

/** Records what the step does, in the same commit. */
export function append(tx: Transaction, event: NewAuditEvent) {
  const { id = nextEventId(tx), type, outcome = "success", reason = null } = event;
  const { clientId = null, grantId = null, sessionId = null, about = null, person } = event;
  const userId = person ? userIdOf(person) : event.userId ?? null;
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
    sealedAddress: person && address !== null
      ? sealForPerson(tx.random, person.value.auditKey, id, address)
      : null,
    requestId,
  };
  // An end has an id of its own: of two steps that bring it about, the second overwrites the event. On a
  // shared store the previous release may still run, and looks for each event under its id.
  if (tx.isLocal && event.id === undefined) {
    tx.add(eventsByTime.ref(tx.milliseconds, id), { event: written });
  } else {
    tx.add(ref(id), written);
    tx.add(leadsByTime.ref(tx.milliseconds, id), {});
  }
  // After a user is deleted, no user can list the event: it gets no index entry.
  if (type === "user_deleted" || (userId === null && !aboutAnybody.includes(type))) return;
  tx.add(eventsByPerson.ref(userId ?? nobody, tx.milliseconds, id), {});
}

/** The index place of entries without an event. No user has this id. */
const nobody = "nobody";
/**
 * Events that strangers can cause. The number of records written must not reveal whether the account
 * exists.
 */
const aboutAnybody: readonly AuditEventType[] = [
  "mail_sign_in_requested",
  "password_reset_requested",
  "sign_in_failed",
];
