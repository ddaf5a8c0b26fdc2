import { z } from "zod";
import { type Collection, collection, type Present, type Ref } from "./engine/collection.ts";
import type { Transaction } from "./engine/transaction.ts";

const schema = z.object({
  /** The name of the text. */
  template: z.string(),
  /** The user that the mail concerns. */
  userId: z.string().nullable(),
  /** The mail, sealed, because it can hold a one-time link; null once it is sent. */
  sealedMail: z.string().nullable(),
  /** The user is deleted: once the mail is sent or given up, its content is deleted. */
  personGone: z.boolean().default(false),
  /** A decoy is never sent. It is written so that a request about an unknown address does the same work. */
  decoy: z.boolean(),
  attempts: z.int(),
  /** When it is due; while it is being sent, when the lease ends. */
  nextAttemptAt: z.int(),
  /** The run of the worker that is sending it. */
  leasedBy: z.string().nullable(),
  /** After this time the mail is useless. */
  giveUpAt: z.int(),
  lastError: z.string().nullable(),
  createdAt: z.int(),
  sentAt: z.int().nullable(),
  /** When it was given up: it was not delivered. */
  deadAt: z.int().nullable(),
  expiresAt: z.int(),
});
export type OutgoingMail = z.infer<typeof schema>;
const mails = collection({ family: "mail_outbox", version: 1, schema });
const mailsDue = collection({
  family: "mail_outbox_due",
  version: 1,
  schema: z.object({ expiresAt: z.int() }),
});

export const all: Collection<OutgoingMail> = mails;
/** The mails that wait to be sent, in the order of time. */
export const due: Collection<{ expiresAt: number }> = mailsDue;

const day = 86_400;
/** Seconds for which the fate of a mail can be looked up. */
const kept = 7 * day;

export function ref(mailId: string): Ref<OutgoingMail> {
  return mails.ref(mailId);
}

export function dueRef(mailId: string, time: number): Ref<{ expiresAt: number }> {
  return mailsDue.ref(time, mailId);
}

/** The value of an entry of `due`. */
export function dueOf(at: Ref<{ expiresAt: number }>): { mailId: string; time: number } {
  return { mailId: String(at.key[2]), time: Number(at.key[1]) };
}

export function idOf(mail: Present<OutgoingMail>): string {
  return String(mail.ref.key[1]);
}

/** Adds a mail under a fresh random id, due at once. It is sent after this commit. */
export function add(
  tx: Transaction,
  mailId: string,
  mail: Pick<
    OutgoingMail,
    "template" | "userId" | "personGone" | "sealedMail" | "decoy" | "giveUpAt"
  >,
) {
  const expiresAt = mail.giveUpAt + kept;
  tx.add(ref(mailId), {
    ...mail,
    attempts: 0,
    nextAttemptAt: tx.now,
    leasedBy: null,
    lastError: null,
    createdAt: tx.now,
    sentAt: null,
    deadAt: null,
    expiresAt,
  });
  tx.add(dueRef(mailId, tx.now), { expiresAt });
}

/** Takes a mail to send it. Until the lease ends, no other worker takes it. */
export function lease(
  tx: Transaction,
  mail: Present<OutgoingMail>,
  { by, until }: { readonly by: string; readonly until: number },
): OutgoingMail {
  const attempts = mail.value.attempts + 1;
  return move(tx, mail, { leasedBy: by, nextAttemptAt: until, attempts });
}

/** Puts a mail back, for another attempt. */
export function postpone(
  tx: Transaction,
  mail: Present<OutgoingMail>,
  { nextAttemptAt, error }: { readonly nextAttemptAt: number; readonly error: string },
) {
  const { personGone } = mail.value;
  move(tx, mail, { leasedBy: null, nextAttemptAt, lastError: personGone ? null : error });
}

/** Records that a mail was sent, and deletes its text. */
export function finish(tx: Transaction, mail: Present<OutgoingMail>) {
  leave(tx, mail, { sentAt: tx.now, lastError: null, sealedMail: null });
}

/**
 * Gives a mail up. An administrator can still have it sent. If its user is deleted, the address and the
 * error go too, because the error may repeat the address.
 */
export function bury(tx: Transaction, mail: Present<OutgoingMail>, error: string) {
  const { personGone, sealedMail } = mail.value;
  const kept = personGone
    ? { lastError: null, sealedMail: null }
    : { lastError: error, sealedMail };
  leave(tx, mail, { deadAt: tx.now, ...kept });
}

/** Makes a mail that was given up due at once. @returns the new record */
export function revive(tx: Transaction, mail: Present<OutgoingMail>): OutgoingMail {
  return move(tx, mail, { deadAt: null, attempts: 0, nextAttemptAt: tx.now });
}

/** Deletes a decoy. */
export function forget(tx: Transaction, mail: Present<OutgoingMail>) {
  tx.end(dueRef(idOf(mail), mail.value.nextAttemptAt));
  tx.delete(mail);
}

function move(tx: Transaction, mail: Present<OutgoingMail>, changes: Partial<OutgoingMail>) {
  const moved = { ...mail.value, ...changes };
  tx.replace(mail, moved);
  tx.end(dueRef(idOf(mail), mail.value.nextAttemptAt));
  tx.add(dueRef(idOf(mail), moved.nextAttemptAt), { expiresAt: moved.expiresAt });
  return moved;
}

function leave(tx: Transaction, mail: Present<OutgoingMail>, changes: Partial<OutgoingMail>) {
  const expiresAt = tx.now + kept;
  tx.replace(mail, { ...mail.value, ...changes, leasedBy: null, expiresAt });
  tx.end(dueRef(idOf(mail), mail.value.nextAttemptAt));
}
