import { fill } from "../../language/fill.tsx";
import { type Language, strings } from "../../language/languages.ts";
import { hostOf, type MailFrom, writeLetter } from "./letter.ts";
import type { WrittenMail } from "./written_mail.ts";

/**
 * Brings the link that proves a new address, to that address. Nothing in it is of who asked: they could
 * call themselves what they want a stranger to read in a mail of ours.
 */
export function addressChangeMail(
  language: Language,
  { url, ...from }: MailFrom & { readonly url: string },
): WrittenMail {
  const { addressChange: t } = strings(language).mail;
  const host = hostOf(from);
  return writeLetter(language, from, {
    subject: fill(t.subject, { host }),
    blocks: [fill(t.asked, { host }), { label: t.link, url }, t.once, t.notYou],
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
