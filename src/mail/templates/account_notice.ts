import { fill } from "../../language/fill.tsx";
import type { Strings } from "../../language/strings/en.ts";
import { type Language, strings } from "../../language/languages.ts";
import { hostOf, type MailFrom, writeLetter } from "./letter.ts";
import type { WrittenMail } from "./written_mail.ts";

/** The change of a sign-in method or of an address. */
export type NoticeReason = keyof Strings["mail"]["accountNotice"]["reasons"];

/** Informs users of a change of their account, in case another person made it. */
export function accountNoticeMail(
  language: Language,
  { reason, username, about = "", ...from }: MailFrom & {
    readonly reason: NoticeReason;
    readonly username: string;
    /** The name of a passkey. */
    readonly about?: string;
  },
): WrittenMail {
  const { reasons, notYou, link } = strings(language).mail.accountNotice;
  const { subject, what } = reasons[reason];
  const host = hostOf(from);
  const changed = fill(what, { host, username, about });
  return writeLetter(language, from, {
    subject: fill(subject, { host }),
    blocks: [changed, notYou, { label: link, url: `${from.issuer}/account` }],
  });
}
