import { fill } from "../../ui/fill.tsx";
import { type Language, strings } from "../../ui/strings/languages.ts";
import { hostOf, type MailFrom, writeLetter } from "./letter.ts";
import type { WrittenMail } from "./written_mail.ts";

/** Brings the link that proves a new address, to that address. */
export function addressChangeMail(
  language: Language,
  { username, url, ...from }: MailFrom & { readonly username: string; readonly url: string },
): WrittenMail {
  const { addressChange: t } = strings(language).mail;
  const host = hostOf(from);
  return writeLetter(language, from, {
    subject: fill(t.subject, { host }),
    blocks: [fill(t.asked, { host, username }), { label: t.link, url }, t.once, t.notYou],
  });
}

/** Tells the address that is in use that another is to take its place. */
export function addressChangeAskedMail(
  language: Language,
  { username, ...from }: MailFrom & { readonly username: string },
): WrittenMail {
  const { addressChangeAsked: t } = strings(language).mail;
  const host = hostOf(from);
  return writeLetter(language, from, {
    subject: fill(t.subject, { host }),
    blocks: [
      fill(t.asked, { host, username }),
      t.notYou,
      { label: t.link, url: `${from.issuer}/password-reset` },
    ],
  });
}
