import type { Json, MailApi } from "../config/mail_settings.ts";
import { formatSender, type Sender } from "../protocol/mail_address.ts";
import { assertSendable } from "./sendable.ts";
import { type Mail, type Mailer, MailRefused } from "../deps/mailer.ts";

export interface HttpMailerOptions {
  readonly from: Sender;
  readonly api: MailApi;
  readonly fetch: typeof fetch;
}

/** Sends mail by posting JSON to the API of a mail service. */
export function httpMailer({ from, api, fetch }: HttpMailerOptions): Mailer {
  const headers = new Headers({
    "content-type": "application/json",
    "accept": "application/json",
    ...api.headers,
  });
  return {
    async send(mail, signal) {
      const to = assertSendable(mail);
      const values = { ...mail, to, from: formatSender(from) };
      const body = JSON.stringify(fillTemplate(api.body, values));
      // A service that knows this header sends a repeated mail only once.
      const own = new Headers(headers);
      if (!own.has("idempotency-key")) own.set("idempotency-key", mail.id);
      // Do not follow a redirect: it would send the headers and the mail to another host.
      const init = { method: "POST", headers: own, body, redirect: "manual", signal } as const;
      const response = await fetch(api.url, init).catch((error) => {
        throw unreachable(error);
      });
      // Do not read it: it may repeat the mail.
      await response.body?.cancel();
      assertTaken(response.status);
    },
  };
}

/**
 * Replaces the placeholders with the mail's parts, once: text of the mail is never treated as a
 * placeholder.
 */
export function fillTemplate(
  template: Json,
  values: Pick<Mail, "to" | "subject" | "text" | "html"> & { readonly from: string },
): Json {
  if (typeof template === "string") {
    return template.replaceAll(
      /\{(from|to|subject|text|html)\}/g,
      (_, name: keyof typeof values) => values[name],
    );
  }
  if (template === null || typeof template !== "object") return template;
  if (isList(template)) return template.map((item) => fillTemplate(item, values));
  const members = Object.entries(template);
  return Object.fromEntries(members.map(([name, value]) => [name, fillTemplate(value, values)]));
}

function isList(json: Json): json is readonly Json[] {
  return Array.isArray(json);
}

function assertTaken(status: number) {
  if (status >= 200 && status < 300) return;
  const sentence = `the mail service answered ${status}`;
  const later = status === 408 || status === 429;
  if (status >= 400 && status < 500 && !later) throw new MailRefused(sentence);
  throw new Error(status >= 300 && status < 400 ? `${sentence}, a redirect` : sentence);
}

/** Leave out the URL: some services have a key in it. */
function unreachable(error: unknown): Error {
  const message = error instanceof Error ? error.message : "unknown error";
  return new Error(
    `the mail service could not be reached: ${message.replaceAll(/https?:\/\/[^\s)]*/g, "URL")}`,
  );
}
