import * as auditEvents from "../../stores/audit_events.ts";
import type { Present } from "../../stores/engine/collection.ts";
import type { Transaction } from "../../stores/engine/transaction.ts";
import * as mailOutbox from "../../stores/mail_outbox.ts";
import type { OutgoingMail } from "../../stores/mail_outbox.ts";
import { Conflict } from "./errors.ts";

export const mailStates = ["waiting", "sent", "dead"] as const;
export type MailState = (typeof mailStates)[number];

export function mailState({ sentAt, deadAt }: OutgoingMail): MailState {
  if (sentAt !== null) return "sent";
  return deadAt === null ? "waiting" : "dead";
}

/**
 * Sends a dead mail once more. Call `deps.mailWakeUp.wake()` after the step.
 *
 * @returns the record as it will be
 * @throws {Conflict} if it is not dead, or its content is too old to be useful
 */
export function retryMail(tx: Transaction, mail: Present<OutgoingMail>): Present<OutgoingMail> {
  if (mailState(mail.value) !== "dead") {
    throw new Conflict("only a mail that was given up can be sent once more");
  }
  const { sealedMail, giveUpAt, userId, template } = mail.value;
  if (sealedMail === null || giveUpAt <= tx.now) {
    throw new Conflict("the mail is too old to be useful");
  }
  const revived = mailOutbox.revive(tx, mail);
  auditEvents.append(tx, { type: "mail_retried", userId, reason: template });
  return { ...mail, value: revived };
}
