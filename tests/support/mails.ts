import { deliverMail } from "../../src/mail/deliver.ts";
import type { Mail, Mailer } from "../../src/deps/mailer.ts";
import type { TestProvider } from "./provider.ts";

/** Sends what waits in the outbox. @returns all mails that were sent so far, the newest first */
export async function sentMails(provider: TestProvider): Promise<readonly Mail[]> {
  await deliverMail(provider.deps);
  return provider.deps.mailer.recent?.() ?? [];
}

/** The link in the newest mail, without the issuer. */
export async function newestLink(provider: TestProvider): Promise<string> {
  const [mail] = await sentMails(provider);
  const { issuer } = provider.deps.config;
  const link = mail?.text.split("\n").find((line) => line.startsWith(`${issuer}/`));
  if (link === undefined) throw new Error(`no link in\n${mail?.text}`);
  return link.slice(issuer.length);
}

/** A mailer that refuses its first mails. */
export function failingMailer(failures: number): Mailer & { readonly attempts: Mail[] } {
  const attempts: Mail[] = [];
  return {
    attempts,
    send(mail) {
      attempts.push(mail);
      if (attempts.length > failures) return Promise.resolve();
      return Promise.reject(new Error("the mail server is busy"));
    },
    recent: () => attempts.slice(failures).reverse().map((mail) => ({ ...mail, sentAt: 0 })),
  };
}
