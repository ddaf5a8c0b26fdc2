import { z } from "zod";
import { clientOutbox, outboxShape, unsent } from "./client_outbox.ts";
import { type Collection, collection, type Present, type Ref } from "./engine/collection.ts";
import type { Transaction } from "./engine/transaction.ts";

const schema = z.object({
  ...outboxShape,
  /** The `auth_req_id` and the client's own token for this message, sealed; empty once it is given up. */
  sealed: z.string(),
  createdAt: z.int().default(0),
  /** When it was given up: the client was not told. */
  failedAt: z.int().nullable().default(null),
});
/** A message to a client that a user has answered its request. @see CIBA Core section 10.2 */
export type Ping = z.infer<typeof schema>;
const pings = collection({ family: "ping_outbox", version: 1, schema });
const outbox = clientOutbox(pings, "ping_outbox_due");
export const { due, dueRef, dueOf, idOf, lease, postpone } = outbox;

export const all: Collection<Ping> = pings;

/** Seconds for which a message is stored after its end: a worker notes that it was given up, an operator reads why. */
const kept = 7 * 86_400;

/** The place of a message, by the id of the grant that its request may lead to. */
export function ref(messageId: string): Ref<Ping> {
  return pings.ref(messageId);
}

/** Adds a message, due at once. A request is answered once, so no other has its id. */
export function add(
  tx: Transaction,
  messageId: string,
  ping: Pick<Ping, "clientId" | "clientCreatedAt" | "sealed" | "giveUpAt">,
) {
  const end = { createdAt: tx.now, failedAt: null, expiresAt: ping.giveUpAt + kept };
  outbox.add(tx, messageId, { ...ping, ...unsent(tx.now), ...end });
}

/** Removes a message that was accepted, and its secrets with it: its audit event says the rest. */
export function remove(tx: Transaction, ping: Present<Ping>) {
  tx.delete(ping);
  outbox.leave(tx, ping);
}

/** Gives a message up, and removes its secrets. */
export function bury(tx: Transaction, ping: Present<Ping>, lastError: string) {
  const ended = { sealed: "", leasedBy: null, failedAt: tx.now, lastError };
  tx.replace(ping, { ...ping.value, ...ended, expiresAt: tx.now + kept });
  outbox.leave(tx, ping);
}
