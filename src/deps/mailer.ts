/** A mail as a person gets it, in two forms of the same text. */
export interface Mail {
  /** The same at each attempt to send it, for a Message-ID that tells repetitions. */
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

/** Hands mails on to whoever carries them. */
export interface Mailer {
  /**
   * @param signal aborted when nobody waits for the outcome any more
   * @throws {MailRefused} when another attempt would be refused as well
   * @throws when it is not certain that the mail was taken; it is then sent again, later
   */
  send(mail: Mail, signal: AbortSignal): Promise<void>;
  /** What was sent lately, the newest first; only a mailer for development remembers it. */
  recent?(): readonly SentMail[];
}

/** A mail that nobody will take, however often it is sent. Its message holds no text of the mail. */
export class MailRefused extends Error {
  override readonly name: string = "MailRefused";
}

/** For a server that nobody has told how to send mail: each one ends as a dead letter. */
export const missingMailer: Mailer = {
  send: () => Promise.reject(new Error("no way to send mail is configured")),
};
