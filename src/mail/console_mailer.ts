import type { Mail, Mailer } from "../deps/mailer.ts";

const remembered = 100;

/** Shows each mail where its developer looks, and keeps the last hundred for the page /dev/mail. */
export function consoleMailer(print: (text: string) => void): Mailer {
  const mails: Mail[] = [];
  return {
    // deno-lint-ignore require-await -- a mailer that fails rejects
    async send(mail) {
      mails.unshift(mail);
      mails.length = Math.min(mails.length, remembered);
      print(`Mail to ${mail.to}: ${mail.subject}\n\n${mail.text}`);
    },
    recent: () => mails,
  };
}
