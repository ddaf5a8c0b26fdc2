import { fill } from "../../ui/fill.tsx";
import { type Language, strings } from "../../ui/strings/languages.ts";
import { writeMail, type WrittenMail } from "./written_mail.ts";

/** Brings the link with which a new password is chosen. */
export function passwordResetMail(
  language: Language,
  { username, url, issuer }: {
    readonly username: string;
    readonly url: string;
    readonly issuer: string;
  },
): WrittenMail {
  const { passwordReset: t, signature } = strings(language).mail;
  const host = new URL(issuer).host;
  return writeMail(language, {
    subject: fill(t.subject, { host }),
    blocks: [fill(t.asked, { host, username }), { label: t.link, url }, t.once, t.notYou],
    signature: fill(signature, { host }),
  });
}
