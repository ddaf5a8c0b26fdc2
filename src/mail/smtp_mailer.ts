import type { SmtpServer } from "../config/mail_settings.ts";
import type { Sender } from "../protocol/mail_address.ts";
import { assertSendable } from "./sendable.ts";
import { type Mail, type Mailer, MailRefused } from "../deps/mailer.ts";
import { connectSmtp } from "./smtp_socket.ts";

export interface SmtpMailerOptions {
  readonly from: Sender;
  readonly server: SmtpServer;
  /** Certificates to trust, in PEM; without it, those of the system. */
  readonly ca?: string;
}

/** Milliseconds until a mail server must have greeted. */
const greetingDeadline = 10_000;
/**
 * Milliseconds for any other answer: as long as the caller waits for the whole mail. A server that scans a mail
 * answers late, and a mail that is given up before is sent to its recipient again and again (RFC 5321 section
 * 4.5.3.2.6).
 */
const answerDeadline = 30_000;

/** Sends mail by SMTP, with a new connection for each mail. @see RFC 5321, RFC 3207, RFC 8314 */
export function smtpMailer({ from, server, ca }: SmtpMailerOptions): Mailer {
  const { host, port, tls, login } = server;
  const domain = from.address.slice(from.address.indexOf("@") + 1);
  const options = {
    host,
    port,
    secure: tls === "implicit",
    requireTLS: tls === "starttls",
    ignoreTLS: tls === "none",
    // The name for EHLO. Without it, nodemailer would need the permission to read the host's name.
    name: domain,
    connectionTimeout: greetingDeadline,
    greetingTimeout: greetingDeadline,
    socketTimeout: answerDeadline,
    disableFileAccess: true,
    disableUrlAccess: true,
    ...(login === null ? {} : { auth: { user: login.user, pass: login.password } }),
    ...(login === null ? {} : { forceAuth: true }),
    ...(ca === undefined ? {} : { tls: { ca } }),
  };
  return {
    async send(mail, signal) {
      const to = assertSendable(mail);
      const { createTransport } = await import("nodemailer");
      const implicitTls = tls === "implicit";
      try {
        const connection = await connectSmtp({ host, port, implicitTls }, { ca, signal });
        const transport = createTransport({
          ...options,
          getSocket: (_options, done) => done(null, { connection, secured: implicitTls }),
        });
        await transport.sendMail({ ...message({ ...mail, to }, from, domain), signal });
      } catch (error) {
        throw explained(error);
      }
    },
  };
}

function message({ id, to, subject, text, html }: Mail, from: Sender, domain: string) {
  return {
    messageId: `<${id}@${domain}>`,
    from,
    to: { name: "", address: to },
    envelope: { from: from.address, to },
    subject,
    text,
    html,
    // Stops automatic replies such as absence notices (RFC 3834 section 5).
    headers: { "Auto-Submitted": "auto-generated" },
  };
}

interface SmtpError extends Error {
  readonly code?: unknown;
  readonly originalCode?: unknown;
  readonly command?: unknown;
  readonly response?: unknown;
  readonly responseCode?: unknown;
}

/**
 * An error without the mail server's words, for the log: they can repeat the address, and those of a spam
 * filter can repeat the link.
 */
function explained(error: unknown): Error {
  if (!(error instanceof Error)) return new Error("the mail could not be sent");
  const { code, originalCode, command, response, responseCode }: SmtpError = error;
  if (typeof responseCode === "number") {
    const enhanced = /^[245]\d\d[ -]([245]\.\d{1,3}\.\d{1,3})\b/.exec(String(response))?.[1];
    const reply = [responseCode, enhanced, "to", command].filter((part) => part !== undefined);
    const sentence = `the mail server answered ${reply.join(" ")}`;
    return responseCode >= 500 && responseCode < 600
      ? new MailRefused(sentence)
      : new Error(sentence);
  }
  const reason = String(originalCode ?? code ?? error.name);
  // The reply is not SMTP, and may hold anything.
  if (response !== undefined) return new Error(`the mail server's answer is not SMTP (${reason})`);
  return new Error(`the mail server could not be used (${reason}): ${error.message}`);
}
