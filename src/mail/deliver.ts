import { z } from "zod";
import * as auditEvents from "../../stores/audit_events.ts";
import { isPresent, type Present } from "../../stores/engine/collection.ts";
import * as mailOutbox from "../../stores/mail_outbox.ts";
import type { OutgoingMail } from "../../stores/mail_outbox.ts";
import { perObject } from "../../stores/engine/store_memory.ts";
import { systemOrigin, type Transaction } from "../../stores/engine/transaction.ts";
import { randomId } from "../crypto/random.ts";
import type { Deps } from "../deps/deps.ts";
import { type Mail, MailRefused } from "../deps/mailer.ts";
import { sealContext } from "./outbox.ts";

export interface Delivery {
  readonly sent: number;
  readonly failed: number;
  /** Epoch seconds of the next attempt; null: no mail waits. */
  readonly nextDueAt: number | null;
}

/** Seconds for which only one worker has a mail: longer than sending it, or giving up, takes. */
const leaseLifetime = 60;
const sendDeadline = 30_000; // milliseconds
const atOnce = 5;
const mostAttempts = 10;

/**
 * Sends the mails that are due. Each mail is sent at least once: if a worker dies between sending a mail
 * and recording that, another worker sends it again. Several workers share the work.
 * @param ending once aborted, no other mail is begun: a long queue must not hold up the end of the process
 * @throws {StoreUnavailable}
 */
export async function deliverMail(deps: Deps, ending?: AbortSignal): Promise<Delivery> {
  const count = { sent: 0, failed: 0 };
  for (let before = "";;) {
    const { entries } = await deps.kv.list({ collection: mailOutbox.due, limit: atOnce });
    const waiting = entries.map(({ ref }) => mailOutbox.dueOf(ref));
    const due = waiting.filter(({ time }) => time <= deps.clock.seconds());
    // The same list again means that none of them could be taken: the next pass may do it.
    const listed = JSON.stringify(due);
    if (due.length === 0 || listed === before || ending?.aborted) {
      return { ...count, nextDueAt: waiting[0]?.time ?? null };
    }
    before = listed;
    const outcomes = due.map((entry) => noted(deps, deliver(deps, entry)));
    for (const outcome of await Promise.all(outcomes)) {
      if (outcome !== null) count[outcome]++;
    }
  }
}

const underWay = perObject<Deps["kv"], Set<Promise<unknown>>>(() => new Set());

async function noted<T>({ kv }: Pick<Deps, "kv">, delivery: Promise<T>): Promise<T> {
  const all = underWay(kv).add(delivery);
  try {
    return await delivery;
  } finally {
    all.delete(delivery);
  }
}

/** Resolves when the mails that this process is sending at the moment are sent, or have failed. */
export async function mailsUnderWay({ kv }: Pick<Deps, "kv">): Promise<void> {
  await Promise.allSettled(underWay(kv));
}

interface Due {
  readonly mailId: string;
  readonly time: number;
}

async function deliver(deps: Deps, entry: Due): Promise<"sent" | "failed" | null> {
  const by = randomId(deps.random);
  const leased = await deps.kv.step(systemOrigin, (tx) => take(tx, entry, by));
  if (leased === null) return null;
  const failure = leased.decoy ? null : await send(deps, entry.mailId, leased);
  await deps.kv.step(systemOrigin, async (tx) => {
    const { mail } = await tx.read({ mail: mailOutbox.ref(entry.mailId) });
    if (isPresent(mail) && isPending(mail.value)) note(tx, mail, by, failure);
  });
  if (failure !== null) {
    deps.logger.warn("a mail was not sent", { mailId: entry.mailId, error: failure.error });
  }
  if (leased.decoy) return null;
  return failure === null ? "sent" : "failed";
}

/** Takes a mail, in one commit: only one of several workers gets it. */
async function take(tx: Transaction, { mailId, time }: Due, by: string) {
  const { mail, entry } = await tx.read({
    mail: mailOutbox.ref(mailId),
    entry: mailOutbox.dueRef(mailId, time),
  });
  if (entry.value === null) return null; // another worker has taken it
  if (!isPresent(mail) || !isPending(mail.value) || mail.value.nextAttemptAt !== time) {
    tx.delete(entry);
    return null;
  }
  return mailOutbox.lease(tx, mail, { by, until: tx.now + leaseLifetime });
}

const mailSchema = z.object({
  id: z.string(),
  to: z.string(),
  subject: z.string(),
  text: z.string(),
  html: z.string(),
});

interface Failure {
  readonly error: string;
  /** Another attempt would be refused too. */
  readonly final: boolean;
}

/** @returns the error, or null */
async function send(
  deps: Deps,
  mailId: string,
  { sealedMail }: OutgoingMail,
): Promise<Failure | null> {
  let to = "";
  try {
    const json = await deps.masterKey.unseal(sealedMail ?? "", sealContext(mailId));
    const mail = mailSchema.parse(JSON.parse(json));
    to = mail.to;
    await withinDeadline(deps, mail);
    return null;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const final = error instanceof MailRefused;
    return { error: withoutAddress(message, to).slice(0, 256), final };
  }
}

/** The error text is stored and logged, so it must not contain the recipient's address. */
function withoutAddress(message: string, address: string): string {
  return address === ""
    ? message
    : message.replaceAll(new RegExp(RegExp.escape(address), "gi"), "ADDRESS");
}

async function withinDeadline(deps: Deps, mail: Mail) {
  const over = new AbortController();
  const late = new AbortController();
  const sending = deps.mailer.send(mail, late.signal).finally(() => over.abort());
  const waiting = deps.timers.sleep(sendDeadline, over.signal).then(() => {
    if (over.signal.aborted) return sending;
    const error = new Error(`not sent within ${sendDeadline / 1000} seconds`);
    late.abort(error);
    throw error;
  });
  await Promise.race([sending, waiting]);
}

function note(tx: Transaction, mail: Present<OutgoingMail>, by: string, failure: Failure | null) {
  const { template, userId, decoy, leasedBy, attempts, giveUpAt } = mail.value;
  if (decoy) return mailOutbox.forget(tx, mail);
  const event = { userId, reason: template };
  if (failure === null) {
    mailOutbox.finish(tx, mail);
    return auditEvents.append(tx, { type: "mail_sent", ...event });
  }
  // The lease expired and another worker has taken the mail: that worker records the result.
  if (leasedBy !== by) return;
  const { error, final } = failure;
  const nextAttemptAt = tx.now + backoff(attempts, tx);
  if (!final && attempts < mostAttempts && nextAttemptAt < giveUpAt) {
    return mailOutbox.postpone(tx, mail, { nextAttemptAt, error });
  }
  mailOutbox.bury(tx, mail, error);
  auditEvents.append(tx, { type: "mail_failed", outcome: "failure", ...event });
}

function isPending({ sentAt, deadAt }: OutgoingMail): boolean {
  return sentAt === null && deadAt === null;
}

/** Seconds: 15, 30, 60 and so on up to an hour, plus up to a quarter, so that retries spread. */
function backoff(attempts: number, { random }: Transaction): number {
  const seconds = Math.min(15 * 2 ** (attempts - 1), 3600);
  return seconds + Math.floor((random.bytes(1)[0] ?? 0) / 1024 * seconds);
}
