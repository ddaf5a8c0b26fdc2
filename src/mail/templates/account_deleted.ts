import { fill } from "../../language/fill.tsx";
import { type Language, strings } from "../../language/languages.ts";
import { hostOf, type MailFrom, writeLetter } from "./letter.ts";
import type { WrittenMail } from "./written_mail.ts";

/** Informs users that their account was deleted, in case another person did it. */
export function accountDeletedMail(
  language: Language,
  { username, ...from }: MailFrom & { readonly username: string },
): WrittenMail {
  const t = strings(language).mail.accountDeleted;
  const host = hostOf(from);
  return writeLetter(language, from, {
    subject: fill(t.subject, { host }),
    blocks: [fill(t.deleted, { host, username }), t.apps, fill(t.notYou, { host })],
  });
}
