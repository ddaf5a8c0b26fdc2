import { type Mail, MailRefused } from "../deps/mailer.ts";
import { isMailAddress } from "../protocol/mail_address.ts";

/** @throws {MailRefused} if a part of the header could be read as more than one line or recipient */
export function assertSendable({ to, subject }: Mail) {
  if (!isMailAddress(to)) {
    throw new MailRefused("the mail address is none that mail can be sent to");
  }
  if (/\p{Cc}/u.test(subject)) throw new MailRefused("the subject holds control characters");
}
