import { fill } from "../../language/fill.tsx";
import { type Language, strings } from "../../language/languages.ts";
import { hostOf, type MailFrom, writeLetter } from "./letter.ts";
import type { WrittenMail } from "./written_mail.ts";

/**
 * Sends the link that verifies a new address to that address. It holds no text of the requester, who
 * could otherwise send any words to a stranger in our name.
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

/** Informs the current address that another one is to replace it. */
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
