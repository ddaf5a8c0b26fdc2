import * as mailOutbox from "../../stores/mail_outbox.ts";
import type { Transaction } from "../../stores/engine/transaction.ts";
import type { Deps } from "../deps/deps.ts";
import type { Mail } from "../deps/mailer.ts";
import type { WrittenMail } from "./templates/written_mail.ts";

export interface OutgoingMail {
  /** Null: the mail is not sent. All other work is done, so that the time reveals nothing. */
  readonly to: string | null;
  readonly userId: string | null;
  /** Whether the same step deletes the recipient. */
  readonly personGone?: boolean;
  /** The name of the text, for the operator. */
  readonly template: string;
  readonly written: WrittenMail;
  /** Seconds after which the mail is useless. */
  readonly usefulFor: number;
}

/**
 * Adds a mail to the step: it is sent if, and only if, the step is committed. Call `deps.mailWakeUp.wake()` after
 * the step; otherwise the mail waits up to a minute.
 */
export async function enqueueMail(deps: Deps, tx: Transaction, mail: OutgoingMail): Promise<void> {
  const { to, userId, personGone = false, template, written, usefulFor } = mail;
  const mailId = tx.ids.id();
  const whole: Mail = { id: mailId, to: to ?? "nobody@localhost", ...written };
  mailOutbox.add(tx, mailId, {
    template,
    userId,
    personGone,
    sealedMail: await deps.masterKey.seal(JSON.stringify(whole), sealContext(mailId)),
    decoy: to === null,
    giveUpAt: tx.now + usefulFor,
  });
}

export function sealContext(mailId: string): string {
  return `mail_outbox/${mailId}`;
}
