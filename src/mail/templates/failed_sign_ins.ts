import { fill } from "../../language/fill.tsx";
import { type Language, strings } from "../../language/languages.ts";
import { hostOf, type MailFrom, writeLetter } from "./letter.ts";
import type { WrittenMail } from "./written_mail.ts";

/** Informs users that another person is guessing their password, or the code after it. */
export function failedSignInsMail(
  language: Language,
  { at, username, ...from }: MailFrom & {
    readonly at: "sign-in" | "second-factor";
    readonly username: string;
  },
): WrittenMail {
  const { subject, password, code, link } = strings(language).mail.failedSignIns;
  const host = hostOf(from);
  const { what, advice } = at === "sign-in" ? password : code;
  return writeLetter(language, from, {
    subject: fill(subject, { host }),
    blocks: [
      fill(what, { host, username }),
      advice,
      { label: link, url: `${from.issuer}/account/security` },
    ],
  });
}
