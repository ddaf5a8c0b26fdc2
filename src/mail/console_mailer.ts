import type { Clock } from "../../stores/engine/kv.ts";
import type { Mailer, SentMail } from "../deps/mailer.ts";

const remembered = 100;

/** Shows each mail where its developer looks, and keeps the last hundred for the page /dev/mail. */
export function consoleMailer(
  print: (text: string) => void,
  clock: Pick<Clock, "seconds">,
): Mailer {
  const mails: SentMail[] = [];
  return {
    // deno-lint-ignore require-await -- a mailer that fails rejects
    async send(mail) {
      mails.unshift({ ...mail, sentAt: clock.seconds() });
      mails.length = Math.min(mails.length, remembered);
      print(`Mail to ${mail.to}: ${mail.subject}\n\n${mail.text}`);
    },
    recent: () => mails,
  };
}
