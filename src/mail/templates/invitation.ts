import { momentText } from "../../language/dates.tsx";
import { fill } from "../../language/fill.tsx";
import { type Language, strings } from "../../language/languages.ts";
import { hostOf, type MailFrom, writeLetter } from "./letter.ts";
import type { WrittenMail } from "./written_mail.ts";

/** Sends the link of an invitation. @param invitation.expiresAt epoch seconds */
export function invitationMail(
  language: Language,
  { url, expiresAt, ...from }: MailFrom & { readonly url: string; readonly expiresAt: number },
): WrittenMail {
  const { invitation: t } = strings(language).mail;
  const host = hostOf(from);
  return writeLetter(language, from, {
    subject: fill(t.subject, { host }),
    blocks: [
      fill(t.invited, { host }),
      { label: t.link, url },
      fill(t.once, { until: momentText(language, expiresAt) }),
      t.notYou,
    ],
  });
}
