import type { SmtpServer } from "../config/mail_settings.ts";
import type { Sender } from "../protocol/mail_address.ts";
import { assertSendable } from "./sendable.ts";
import { type Mail, type Mailer, MailRefused } from "../deps/mailer.ts";
import { connectSmtp } from "./smtp_socket.ts";

export interface SmtpMailerOptions {
  readonly from: Sender;
  readonly server: SmtpServer;
  /** Certificates to trust, in PEM; those of the system if there are none. */
  readonly ca?: string;
}

const stepDeadline = 10_000; // milliseconds

/** Sends mail by SMTP, each over a connection of its own. @see RFC 5321, RFC 3207, RFC 8314 */
export function smtpMailer({ from, server, ca }: SmtpMailerOptions): Mailer {
  const { host, port, tls, login } = server;
  const domain = from.address.slice(from.address.indexOf("@") + 1);
  const options = {
    host,
    port,
    secure: tls === "implicit",
    requireTLS: tls === "starttls",
    ignoreTLS: tls === "none",
    // What is said in EHLO; nodemailer would ask the operator for the right to see the host's name.
    name: domain,
    connectionTimeout: stepDeadline,
    greetingTimeout: stepDeadline,
    socketTimeout: stepDeadline,
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
    // So that no absence is announced in answer (RFC 3834 section 5).
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
 * What a log may hold of an error. The words of a mail server are left out: they can repeat the
 * address, and a spam filter's the link that it did not like.
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
  // A reply that is none of SMTP's, and so may be anything.
  if (response !== undefined) return new Error(`the mail server's answer is not SMTP (${reason})`);
  return new Error(`the mail server could not be used (${reason}): ${error.message}`);
}
