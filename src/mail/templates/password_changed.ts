import { fill } from "../../ui/fill.tsx";
import { type Language, strings } from "../../ui/strings/languages.ts";
import { type MailBrand, signatureOf, writeMail, type WrittenMail } from "./written_mail.ts";

/** Tells a person that their password is another one now, in case it was somebody else. */
export function passwordChangedMail(
  language: Language,
  { username, url, issuer, brand }: {
    readonly username: string;
    /** Where a person can choose another password. */
    readonly url: string;
    readonly issuer: string;
    readonly brand?: MailBrand;
  },
): WrittenMail {
  const { passwordChanged: t } = strings(language).mail;
  const host = new URL(issuer).host;
  return writeMail(language, {
    subject: fill(t.subject, { host }),
    blocks: [fill(t.changed, { host, username }), t.ended, t.notYou, { label: t.link, url }],
    signature: signatureOf(language, issuer, brand),
    ...(brand ? { colour: brand.mailColour } : {}),
  });
}
