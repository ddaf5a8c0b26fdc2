import { z } from "zod";
import { type Collection, collection, type Present, type Ref } from "./engine/collection.ts";
import type { Transaction } from "./engine/transaction.ts";

const schema = z.object({
  /** Which text it is. */
  template: z.string(),
  /** Whose mail it is. */
  userId: z.string().nullable(),
  /** The mail, sealed, as it can hold a one-time link; null once it is sent. */
  sealedMail: z.string().nullable(),
  /** Of somebody who is deleted: once it is sent or given up, nothing of what it says is kept. */
  personGone: z.boolean().default(false),
  /** Goes to nobody: written so that a request about an unknown address does the same work. */
  decoy: z.boolean(),
  attempts: z.int(),
  /** When it is due; while somebody is sending it, when their lease ends. */
  nextAttemptAt: z.int(),
  /** The run of a worker that is sending it. */
  leasedBy: z.string().nullable(),
  /** After this it is of no use to anybody. */
  giveUpAt: z.int(),
  lastError: z.string().nullable(),
  createdAt: z.int(),
  sentAt: z.int().nullable(),
  /** When it was given up: nobody got it. */
  deadAt: z.int().nullable(),
  expiresAt: z.int(),
});
export type OutgoingMail = z.infer<typeof schema>;
const mails = collection({ family: "mail_outbox", version: 1, schema });
const mailsDue = collection({
  family: "mail_outbox_due",
  version: 1,
  schema: z.object({ expiresAt: z.int() }),
  target: (key) => ref(String(key[2])),
});

export const all: Collection<OutgoingMail> = mails;
/** What waits to be sent, in the order of time. */
export const due: Collection<{ expiresAt: number }> = mailsDue;

const day = 86_400;
/** Seconds for which it can be looked up what became of a mail. */
const kept = 7 * day;

export function ref(mailId: string): Ref<OutgoingMail> {
  return mails.ref(mailId);
}

export function dueRef(mailId: string, time: number): Ref<{ expiresAt: number }> {
  return mailsDue.ref(time, mailId);
}

/** What an entry of `due` says. */
export function dueOf(at: Ref<{ expiresAt: number }>): { mailId: string; time: number } {
  return { mailId: String(at.key[2]), time: Number(at.key[1]) };
}

export function idOf(mail: Present<OutgoingMail>): string {
  return String(mail.ref.key[1]);
}

/** Adds a mail, due at once, under a fresh random id; it is sent once this is committed. */
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

/** Takes a mail to send it: until the lease ends, nobody else does. */
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

/** Notes that a mail is on its way; its text is dropped. */
export function finish(tx: Transaction, mail: Present<OutgoingMail>) {
  leave(tx, mail, { sentAt: tx.now, lastError: null, sealedMail: null });
}

/**
 * Gives a mail up, unless an administrator lets it be sent after all. What was for somebody who is
 * deleted goes with its address, and with an error that may repeat it.
 */
export function bury(tx: Transaction, mail: Present<OutgoingMail>, error: string) {
  const { personGone, sealedMail } = mail.value;
  const kept = personGone
    ? { lastError: null, sealedMail: null }
    : { lastError: error, sealedMail };
  leave(tx, mail, { deadAt: tx.now, ...kept });
}

/** Puts a mail that was given up back, due at once. @returns it as it will be */
export function revive(tx: Transaction, mail: Present<OutgoingMail>): OutgoingMail {
  return move(tx, mail, { deadAt: null, attempts: 0, nextAttemptAt: tx.now });
}

/** Forgets a mail that went to nobody. */
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
