import { fill } from "../../language/fill.tsx";
import { type Language, strings } from "../../language/languages.ts";
import { hostOf, type MailFrom, writeLetter } from "./letter.ts";
import type { WrittenMail } from "./written_mail.ts";

/** Informs users that their password was changed, in case another person did it. */
export function passwordChangedMail(
  language: Language,
  { username, url, ...from }: MailFrom & {
    readonly username: string;
    /** The page where the user can set another password. */
    readonly url: string;
  },
): WrittenMail {
  const { passwordChanged: t } = strings(language).mail;
  const host = hostOf(from);
  return writeLetter(language, from, {
    subject: fill(t.subject, { host }),
    blocks: [fill(t.changed, { host, username }), t.ended, t.notYou, { label: t.link, url }],
  });
}
