import { type Mail, MailRefused } from "../deps/mailer.ts";
import { parseMailAddress } from "../identifiers/mail_address.ts";

/**
 * Checks a mail before it is sent.
 * @returns its recipient in the form for mail servers: canonical, with an ASCII domain
 * @throws {MailRefused} if a part of the header could be read as more than one line or recipient
 */
export function assertSendable({ to, subject }: Mail): string {
  const recipient = parseMailAddress(to);
  if (recipient === null) {
    throw new MailRefused("mail cannot be sent to this address");
  }
  if (/\p{Cc}/u.test(subject)) throw new MailRefused("the subject holds control characters");
  return recipient;
}
