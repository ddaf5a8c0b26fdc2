import { z } from "zod";
import { type Collection, collection, type Present, type Ref } from "./engine/collection.ts";
import type { Transaction } from "./engine/transaction.ts";

const schema = z.object({
  clientId: z.string(),
  clientCreatedAt: z.int(),
  sessionId: z.string(),
  /** Whose session it was, and its `sid` in ID tokens; null once nothing is sent any more. */
  userId: z.string().nullable(),
  sid: z.string().nullable(),
  attempts: z.int(),
  /** When it is due; while it is being sent, when the lease ends. */
  nextAttemptAt: z.int(),
  /** The run of the worker that is sending it. */
  leasedBy: z.string().nullable(),
  /** After this time it is not sent any more. */
  giveUpAt: z.int(),
  lastError: z.string().nullable(),
  createdAt: z.int(),
  /** When the client has accepted it. */
  toldAt: z.int().nullable(),
  /** When it was given up: the client was not told. */
  failedAt: z.int().nullable(),
  expiresAt: z.int(),
});
/** A message to a client that a session has ended. @see OpenID Connect Back-Channel Logout section 2 */
export type LogoutMessage = z.infer<typeof schema>;
const messages = collection({ family: "logout_outbox", version: 1, schema });
const dueSchema = z.object({ clientId: z.string(), expiresAt: z.int() });
const messagesDue = collection({ family: "logout_outbox_due", version: 1, schema: dueSchema });
/** The place of a message that waits, in the order of time. */
export type DueEntry = z.infer<typeof dueSchema>;

export const all: Collection<LogoutMessage> = messages;
/** The messages that wait to be sent, in the order of time. */
export const due: Collection<DueEntry> = messagesDue;

const day = 86_400;
/** Seconds for which a message is tried: a client's own session hardly lives longer. */
const usefulFor = day;
/** Seconds for which the fate of a message can be looked up. */
const kept = 7 * day;

export function ref(messageId: string): Ref<LogoutMessage> {
  return messages.ref(messageId);
}

export function dueRef(messageId: string, time: number): Ref<DueEntry> {
  return messagesDue.ref(time, messageId);
}

/** A message that waits. */
export interface Due {
  readonly messageId: string;
  readonly time: number;
  readonly clientId: string;
}

/** What an entry of `due` says. */
export function dueOf({ ref, value }: Present<DueEntry>): Due {
  return { messageId: String(ref.key[2]), time: Number(ref.key[1]), clientId: value.clientId };
}

export function idOf(message: Present<LogoutMessage>): string {
  return String(message.ref.key[1]);
}

/** Adds a message under a fresh random id, due at once. */
export function add(
  tx: Transaction,
  messageId: string,
  message: Pick<LogoutMessage, "clientId" | "clientCreatedAt" | "sessionId" | "userId" | "sid">,
) {
  const giveUpAt = tx.now + usefulFor;
  const expiresAt = giveUpAt + kept;
  tx.add(ref(messageId), {
    ...message,
    attempts: 0,
    nextAttemptAt: tx.now,
    leasedBy: null,
    giveUpAt,
    lastError: null,
    createdAt: tx.now,
    toldAt: null,
    failedAt: null,
    expiresAt,
  });
  tx.add(dueRef(messageId, tx.now), { clientId: message.clientId, expiresAt });
}

/** Takes a message to send it. Until the lease ends, no other worker takes it. */
export function lease(
  tx: Transaction,
  message: Present<LogoutMessage>,
  { by, until }: { readonly by: string; readonly until: number },
) {
  const attempts = message.value.attempts + 1;
  move(tx, message, { leasedBy: by, nextAttemptAt: until, attempts });
}

/** Puts a message back, for another attempt. */
export function postpone(
  tx: Transaction,
  message: Present<LogoutMessage>,
  changes: Pick<LogoutMessage, "nextAttemptAt"> & Partial<LogoutMessage>,
) {
  move(tx, message, { leasedBy: null, ...changes });
}

/** Records that the client was told. Whom it concerned is forgotten: the audit event says it. */
export function finish(tx: Transaction, message: Present<LogoutMessage>) {
  leave(tx, message, { toldAt: tx.now, lastError: null });
}

/** Gives a message up. */
export function bury(tx: Transaction, message: Present<LogoutMessage>, error: string) {
  leave(tx, message, { failedAt: tx.now, lastError: error });
}

function move(tx: Transaction, message: Present<LogoutMessage>, changes: Partial<LogoutMessage>) {
  const moved = { ...message.value, ...changes };
  const { clientId, nextAttemptAt, expiresAt } = moved;
  tx.replace(message, moved);
  tx.end(dueRef(idOf(message), message.value.nextAttemptAt));
  tx.add(dueRef(idOf(message), nextAttemptAt), { clientId, expiresAt });
}

function leave(tx: Transaction, message: Present<LogoutMessage>, changes: Partial<LogoutMessage>) {
  const expiresAt = tx.now + kept;
  const nobody = { userId: null, sid: null, leasedBy: null };
  tx.replace(message, { ...message.value, ...nobody, ...changes, expiresAt });
  tx.end(dueRef(idOf(message), message.value.nextAttemptAt));
}
