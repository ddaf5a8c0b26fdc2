import type { Clock } from "../../stores/engine/kv.ts";
import type { Mailer, SentMail } from "../deps/mailer.ts";

const remembered = 100;

/** Prints each mail to the developer's terminal, and keeps the last hundred for the page /dev/mail. */
export function consoleMailer(
  print: (text: string) => void,
  clock: Pick<Clock, "seconds">,
): Mailer {
  const mails: SentMail[] = [];
  return {
    // deno-lint-ignore require-await -- makes a thrown error a rejected promise
    async send(mail) {
      mails.unshift({ ...mail, sentAt: clock.seconds() });
      mails.length = Math.min(mails.length, remembered);
      print(`Mail to ${mail.to}: ${mail.subject}\n\n${mail.text}`);
    },
    recent: () => mails,
  };
}
