import { fill } from "../../ui/fill.tsx";
import { type Language, strings } from "../../ui/strings/languages.ts";
import { type MailBrand, signatureOf, writeMail, type WrittenMail } from "./written_mail.ts";

/** Brings the link with which a new password is chosen. */
export function passwordResetMail(
  language: Language,
  { username, url, issuer, brand }: {
    readonly username: string;
    readonly url: string;
    readonly issuer: string;
    readonly brand?: MailBrand;
  },
): WrittenMail {
  const { passwordReset: t } = strings(language).mail;
  const host = new URL(issuer).host;
  return writeMail(language, {
    subject: fill(t.subject, { host }),
    blocks: [fill(t.asked, { host, username }), { label: t.link, url }, t.once, t.notYou],
    signature: signatureOf(language, issuer, brand),
    ...(brand ? { colour: brand.mailColour } : {}),
  });
}
