import { z } from "zod";
import { type Collection, collection, type Present, type Ref } from "./engine/collection.ts";
import type { Transaction } from "./engine/transaction.ts";

/** The members of a message that waits for its client, beside what it says. */
export const outboxShape = {
  clientId: z.string(),
  clientCreatedAt: z.int(),
  attempts: z.int(),
  /** When it is due; while it is being sent, when the lease ends. */
  nextAttemptAt: z.int(),
  /** The run of the worker that is sending it. */
  leasedBy: z.string().nullable(),
  /** After this time it is not sent any more. */
  giveUpAt: z.int(),
  lastError: z.string().nullable(),
  expiresAt: z.int(),
};
type Waiting = z.infer<z.ZodObject<typeof outboxShape>>;

const dueSchema = z.object({ clientId: z.string(), expiresAt: z.int() });
/** The place of a message that waits, in the order of time. */
export type DueEntry = z.infer<typeof dueSchema>;

/** A message that waits: when it is due in epoch seconds, and for which client. */
export interface Due {
  readonly messageId: string;
  readonly time: number;
  readonly clientId: string;
}

/** What the outboxes of messages to clients have in common. */
export interface ClientOutbox<T> {
  /** The messages that wait to be sent, in the order of time. */
  readonly due: Collection<DueEntry>;
  dueRef(messageId: string, time: number): Ref<DueEntry>;
  /** What an entry of `due` says. */
  dueOf(entry: Present<DueEntry>): Due;
  idOf(message: Present<T>): string;
  /** Adds a message under an id that no other has. */
  add(tx: Transaction, messageId: string, message: T): void;
  /** Takes a message to send it. Until the lease ends, no other worker takes it. */
  lease(
    tx: Transaction,
    message: Present<T>,
    by: { readonly by: string; readonly until: number },
  ): void;
  /** Puts a message back, for another attempt. */
  postpone(
    tx: Transaction,
    message: Present<T>,
    changes: Pick<Waiting, "nextAttemptAt"> & Partial<Waiting>,
  ): void;
  /** Ends the place of a message that waits no longer. */
  leave(tx: Transaction, message: Present<T>): void;
}

/** The members of a message that nobody has tried to send, and that is due now. */
export function unsent(now: number) {
  return { attempts: 0, nextAttemptAt: now, leasedBy: null, lastError: null };
}

/** @param dueFamily the family of the places of messages that wait */
export function clientOutbox<T extends Waiting>(
  messages: Collection<T>,
  dueFamily: string,
): ClientOutbox<T> {
  const due = collection({ family: dueFamily, version: 1, schema: dueSchema });
  const dueRef = (messageId: string, time: number) => due.ref(time, messageId);
  const idOf = ({ ref }: Present<T>) => String(ref.key[1]);
  const leave = (tx: Transaction, message: Present<T>) =>
    tx.end(dueRef(idOf(message), message.value.nextAttemptAt));
  const wait = (tx: Transaction, messageId: string, message: Waiting) => {
    const { clientId, nextAttemptAt, expiresAt } = message;
    tx.add(dueRef(messageId, nextAttemptAt), { clientId, expiresAt });
  };
  const move = (tx: Transaction, message: Present<T>, changes: Partial<Waiting>) => {
    const moved = { ...message.value, ...changes };
    tx.replace(message, moved);
    leave(tx, message);
    wait(tx, idOf(message), moved);
  };
  return {
    due,
    dueRef,
    dueOf: ({ ref, value }) => ({
      messageId: String(ref.key[2]),
      time: Number(ref.key[1]),
      clientId: value.clientId,
    }),
    idOf,
    add(tx, messageId, message) {
      tx.add(messages.ref(messageId), message);
      wait(tx, messageId, message);
    },
    lease: (tx, message, { by, until }) =>
      move(tx, message, {
        leasedBy: by,
        nextAttemptAt: until,
        attempts: message.value.attempts + 1,
      }),
    postpone: (tx, message, changes) => move(tx, message, { leasedBy: null, ...changes }),
    leave,
  };
}
