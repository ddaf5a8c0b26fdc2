import { z } from "zod";
import { type Collection, collection, type Present, type Ref } from "./engine/collection.ts";
import type { Transaction } from "./engine/transaction.ts";

const schema = z.object({
  clientId: z.string(),
  clientCreatedAt: z.int(),
  /** The `auth_req_id` and the client's own token for this message, sealed. */
  sealed: z.string(),
  attempts: z.int(),
  /** When it is due; while it is being sent, when the lease ends. */
  nextAttemptAt: z.int(),
  /** The run of the worker that is sending it. */
  leasedBy: z.string().nullable(),
  /** After this time it is not sent any more: the request has ended. */
  giveUpAt: z.int(),
  lastError: z.string().nullable(),
  expiresAt: z.int(),
});
/** A message to a client that a user has answered its request. @see CIBA Core section 10.2 */
export type Ping = z.infer<typeof schema>;
const pings = collection({ family: "ping_outbox", version: 1, schema });
const dueSchema = z.object({ clientId: z.string(), expiresAt: z.int() });
const pingsDue = collection({ family: "ping_outbox_due", version: 1, schema: dueSchema });
type DueEntry = z.infer<typeof dueSchema>;

/** The messages that wait to be sent, in the order of time. */
export const due: Collection<DueEntry> = pingsDue;

/** Seconds for which a message is stored after its end, so that a worker notes that it was given up. */
const kept = 86_400;

/** The place of a message, by the id of the grant that its request may lead to. */
export function ref(messageId: string): Ref<Ping> {
  return pings.ref(messageId);
}

export function dueRef(messageId: string, time: number): Ref<DueEntry> {
  return pingsDue.ref(time, messageId);
}

/** What an entry of `due` says. */
export function dueOf({ ref, value }: Present<DueEntry>) {
  return { messageId: String(ref.key[2]), time: Number(ref.key[1]), clientId: value.clientId };
}

export function idOf(ping: Present<Ping>): string {
  return String(ping.ref.key[1]);
}

/** Adds a message, due at once. A request is answered once, so no other has its id. */
export function add(
  tx: Transaction,
  messageId: string,
  ping: Pick<Ping, "clientId" | "clientCreatedAt" | "sealed" | "giveUpAt">,
) {
  const { clientId, giveUpAt } = ping;
  const expiresAt = giveUpAt + kept;
  const unsent = { attempts: 0, nextAttemptAt: tx.now, leasedBy: null, lastError: null };
  tx.add(ref(messageId), { ...ping, ...unsent, expiresAt });
  tx.add(dueRef(messageId, tx.now), { clientId, expiresAt });
}

/** Takes a message to send it. Until the lease ends, no other worker takes it. */
export function lease(
  tx: Transaction,
  ping: Present<Ping>,
  { by, until }: { readonly by: string; readonly until: number },
) {
  move(tx, ping, { leasedBy: by, nextAttemptAt: until, attempts: ping.value.attempts + 1 });
}

/** Puts a message back, for another attempt. */
export function postpone(
  tx: Transaction,
  ping: Present<Ping>,
  changes: Pick<Ping, "nextAttemptAt"> & Partial<Ping>,
) {
  move(tx, ping, { leasedBy: null, ...changes });
}

/** Removes a message that was accepted or is given up, and its secrets with it. */
export function remove(tx: Transaction, ping: Present<Ping>) {
  tx.delete(ping);
  tx.end(dueRef(idOf(ping), ping.value.nextAttemptAt));
}

function move(tx: Transaction, ping: Present<Ping>, changes: Partial<Ping>) {
  const moved = { ...ping.value, ...changes };
  const { clientId, nextAttemptAt, expiresAt } = moved;
  tx.replace(ping, moved);
  tx.end(dueRef(idOf(ping), ping.value.nextAttemptAt));
  tx.add(dueRef(idOf(ping), nextAttemptAt), { clientId, expiresAt });
}
