import { z } from "zod";
import { clientOutbox, outboxShape, unsent } from "./client_outbox.ts";
import { collection, type Present, type Ref } from "./engine/collection.ts";
import type { Transaction } from "./engine/transaction.ts";

const schema = z.object({
  ...outboxShape,
  /** The `auth_req_id` and the client's own token for this message, sealed. */
  sealed: z.string(),
});
/** A message to a client that a user has answered its request. @see CIBA Core section 10.2 */
export type Ping = z.infer<typeof schema>;
const pings = collection({ family: "ping_outbox", version: 1, schema });
const outbox = clientOutbox(pings, "ping_outbox_due");
export const { due, dueRef, dueOf, idOf, lease, postpone } = outbox;

/** Seconds for which a message is stored after its end, so that a worker notes that it was given up. */
const kept = 86_400;

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
  outbox.add(tx, messageId, { ...ping, ...unsent(tx.now), expiresAt: ping.giveUpAt + kept });
}

/** Removes a message that was accepted or is given up, and its secrets with it. */
export function remove(tx: Transaction, ping: Present<Ping>) {
  tx.delete(ping);
  outbox.leave(tx, ping);
}
