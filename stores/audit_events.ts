import { createHash } from "node:crypto";
import { z } from "zod";
import { openForPerson, sealForPerson } from "../src/crypto/person_seal.ts";
import { randomId } from "../src/crypto/random.ts";
import type { AuditEventType } from "./audit_event_types.ts";
import { type Collection, collection, type Present, type Ref } from "./engine/collection.ts";
import type { CommitBatch } from "./engine/kv.ts";
import type { Transaction } from "./engine/transaction.ts";
import { idOf, type User } from "./users.ts";

const schema = z.object({
  /** A plain string: an event of a newer release is still read. */
  type: z.string(),
  /** Epoch milliseconds: the order of events within a second matters. */
  time: z.int(),
  actor: z.string(),
  outcome: z.enum(["success", "failure"]),
  reason: z.string().nullable(),
  clientId: z.string().nullable(),
  userId: z.string().nullable(),
  grantId: z.string().nullable(),
  sessionId: z.string().nullable(),
  /** What else it is about: a `kid`, a resource. */
  about: z.string().nullable(),
  /** Of a client or an operator. */
  address: z.string().nullable(),
  /** Of a person: sealed under their own key. */
  sealedAddress: z.string().nullable(),
  requestId: z.string().nullable(),
});
export type AuditEvent = z.infer<typeof schema>;
const events = collection({ family: "audit_events", version: 1, schema });
const eventsByTime = collection({
  family: "audit_events_by_time",
  version: 1,
  schema: z.object({}),
  target: (key) => ref(String(key[2])),
});

const eventsByPerson = collection({
  family: "audit_events_by_person",
  version: 1,
  schema: z.object({}),
  target: (key) => ref(String(key[3])),
});

export const byTime: Collection<Record<string, never>> = eventsByTime;
/** What is about a person, in the order of time. */
export const byPerson: Collection<Record<string, never>> = eventsByPerson;

export interface NewAuditEvent {
  readonly type: AuditEventType;
  readonly outcome?: "success" | "failure";
  readonly reason?: string;
  /** Where it is not the person or client that the event names. */
  readonly actor?: string;
  readonly about?: string;
  readonly clientId?: string | null;
  /** Whose doing it is, as far as anybody's; their address is kept, sealed. */
  readonly person?: Present<User> | null;
  /** Whom it is about, where their record is not at hand. */
  readonly userId?: string | null;
  readonly grantId?: string | null;
  readonly sessionId?: string | null;
  /** Of an end that several may bring about unchecked: derived from what ended, so they leave one event. */
  readonly id?: string;
}

export function ref(eventId: string): Ref<AuditEvent> {
  return events.ref(eventId);
}

/** The address of an event; of a person only for as long as there is one. */
export function addressOf(event: Present<AuditEvent>, person: User | null): string | null {
  const { address, sealedAddress } = event.value;
  if (sealedAddress === null || person === null) return address;
  return openForPerson(person.auditKey, String(event.ref.key[1]), sealedAddress);
}

/**
 * The id of the event of an end, whoever brings it about: so two of them leave one event. It is told
 * after the others of its commit, which it follows from.
 */
export function idOfEnd(type: AuditEventType, endedId: string): string {
  const digest = createHash("sha256").update(`${type} ${endedId}`).digest("base64url");
  return lastDigit + digest.slice(1);
}

/** The events that a commit wrote, for who counts them. */
export function eventsIn({ mutations }: CommitBatch): AuditEvent[] {
  return mutations.flatMap((mutation) => {
    const { key } = mutation;
    if (mutation.type === "delete" || key[0] !== events.family) return [];
    const raw = { key, value: mutation.value, versionstamp: "written" };
    return events.decode(ref(String(key[1])), raw, 0).value ?? [];
  });
}

/** Removes an event that is older than the operator keeps them. */
export function expire(tx: Transaction, event: Present<AuditEvent>, time: number) {
  tx.delete(event);
  const id = String(event.ref.key[1]);
  tx.end(eventsByTime.ref(time, id));
  tx.end(eventsByPerson.ref(event.value.userId ?? nobody, time, id));
}

/** Records what the step does, in the commit that does it. */
export function append(tx: Transaction, event: NewAuditEvent) {
  const { id = nextId(tx), type, outcome = "success", reason = null } = event;
  const { clientId = null, grantId = null, sessionId = null, about = null, person } = event;
  const userId = person ? idOf(person) : event.userId ?? null;
  const { address, requestId } = tx.origin;
  const actor = tx.origin.actor ?? event.actor ??
    (userId !== null ? `person:${userId}` : clientId !== null ? `client:${clientId}` : "anonymous");
  tx.add(ref(id), {
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
    // Beside a person's id an address is theirs: it is sealed, or not kept.
    address: userId === null ? address : null,
    sealedAddress: person && address !== null
      ? sealForPerson(tx.random, person.value.auditKey, id, address)
      : null,
    requestId,
  });
  tx.add(eventsByTime.ref(tx.milliseconds, id), {});
  // Of the end of a person there is nobody left to read.
  if (type === "user_deleted" || (userId === null && !aboutAnybody.includes(type))) return;
  tx.add(eventsByPerson.ref(userId ?? nobody, tx.milliseconds, id), {});
}

const appended = new WeakMap<Transaction, number>();
/** In their order as keys. */
const digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const lastDigit = digits.charAt(digits.length - 1);

/** Random but for how it begins: events of one commit have one time, and are told in their order. */
function nextId(tx: Transaction): string {
  const nth = appended.get(tx) ?? 0;
  appended.set(tx, nth + 1);
  return (digits[nth] ?? lastDigit) + randomId(tx.random).slice(1);
}

/** Where an entry is that leads nobody to an event; no person has such an id. */
const nobody = "nobody";
/** What strangers bring about: whether somebody is meant must not be told by how much is written. */
const aboutAnybody: readonly AuditEventType[] = [
  "mail_sign_in_requested",
  "password_reset_requested",
  "sign_in_failed",
];
