import { fill } from "../../language/fill.tsx";
import { type Language, strings } from "../../language/languages.ts";
import { hostOf, type MailFrom, writeLetter } from "./letter.ts";
import type { WrittenMail } from "./written_mail.ts";

/** Sends the link for setting a new password. */
export function passwordResetMail(
  language: Language,
  { username, url, ...from }: MailFrom & {
    readonly username: string;
    readonly url: string;
  },
): WrittenMail {
  const { passwordReset: t } = strings(language).mail;
  const host = hostOf(from);
  return writeLetter(language, from, {
    subject: fill(t.subject, { host }),
    blocks: [fill(t.asked, { host, username }), { label: t.link, url }, t.once, t.notYou],
  });
}
