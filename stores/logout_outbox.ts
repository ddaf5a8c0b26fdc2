import { z } from "zod";
import { clientOutbox, outboxShape, unsent } from "./client_outbox.ts";
import { type Collection, collection, type Present, type Ref } from "./engine/collection.ts";
import type { Transaction } from "./engine/transaction.ts";

const schema = z.object({
  ...outboxShape,
  sessionId: z.string(),
  /** Whose session it was, and its `sid` in ID tokens; null once nothing is sent any more. */
  userId: z.string().nullable(),
  sid: z.string().nullable(),
  createdAt: z.int(),
  /** When the client has accepted it. */
  toldAt: z.int().nullable(),
  /** When it was given up: the client was not told. */
  failedAt: z.int().nullable(),
});
/** A message to a client that a session has ended. @see OpenID Connect Back-Channel Logout section 2 */
export type LogoutMessage = z.infer<typeof schema>;
const messages = collection({ family: "logout_outbox", version: 1, schema });
const outbox = clientOutbox(messages, "logout_outbox_due");
export const { due, dueRef, dueOf, idOf, lease, postpone } = outbox;

export const all: Collection<LogoutMessage> = messages;

const day = 86_400;
/** Seconds for which a message is tried: a client's own session hardly lives longer. */
const usefulFor = day;
/** Seconds for which the fate of a message can be looked up. */
const kept = 7 * day;

export function ref(messageId: string): Ref<LogoutMessage> {
  return messages.ref(messageId);
}

/** Adds a message under a fresh random id, due at once. */
export function add(
  tx: Transaction,
  messageId: string,
  message: Pick<LogoutMessage, "clientId" | "clientCreatedAt" | "sessionId" | "userId" | "sid">,
) {
  const giveUpAt = tx.now + usefulFor;
  outbox.add(tx, messageId, {
    ...message,
    ...unsent(tx.now),
    giveUpAt,
    createdAt: tx.now,
    toldAt: null,
    failedAt: null,
    expiresAt: giveUpAt + kept,
  });
}

/** Records that the client was told. Whom it concerned is forgotten: the audit event says it. */
export function finish(tx: Transaction, message: Present<LogoutMessage>) {
  end(tx, message, { toldAt: tx.now, lastError: null });
}

/** Gives a message up. */
export function bury(tx: Transaction, message: Present<LogoutMessage>, error: string) {
  end(tx, message, { failedAt: tx.now, lastError: error });
}

function end(tx: Transaction, message: Present<LogoutMessage>, changes: Partial<LogoutMessage>) {
  const nobody = { userId: null, sid: null, leasedBy: null };
  tx.replace(message, { ...message.value, ...nobody, ...changes, expiresAt: tx.now + kept });
  outbox.leave(tx, message);
}
