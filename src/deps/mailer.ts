/** A mail as the recipient gets it, in two forms of the same text. */
export interface Mail {
  /** The same at each attempt to send it: it becomes the Message-ID, so that duplicates can be recognised. */
  readonly id: string;
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

/** A mail that was sent. */
export interface SentMail extends Mail {
  /** Epoch seconds. */
  readonly sentAt: number;
}

/** Passes mails to the mail server or API. */
export interface Mailer {
  /**
   * @param signal aborted when no caller waits for the outcome any more
   * @throws {MailRefused} if another attempt would be refused too
   * @throws any other error if it is not certain that the mail was accepted; it is sent again later
   */
  send(mail: Mail, signal: AbortSignal): Promise<void>;
  /** The mails sent recently, newest first; only a mailer for development keeps them. */
  recent?(): readonly SentMail[];
}

/** The mail is refused permanently. The message holds no text of the mail. */
export class MailRefused extends Error {
  override readonly name: string = "MailRefused";
}

/** For a server without mail settings: each mail ends as a dead letter. */
export const missingMailer: Mailer = {
  send: () => Promise.reject(new Error("no way to send mail is configured")),
};
