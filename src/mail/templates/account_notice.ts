import { fill } from "../../language/fill.tsx";
import type { Strings } from "../../language/strings/en.ts";
import { type Language, strings } from "../../language/languages.ts";
import { hostOf, type MailFrom, writeLetter } from "./letter.ts";
import type { WrittenMail } from "./written_mail.ts";

/** What has changed about how a person signs in or is reached. */
export type NoticeReason = keyof Strings["mail"]["accountNotice"]["reasons"];

/** Tells a person what was changed about their account, in case it was somebody else. */
export function accountNoticeMail(
  language: Language,
  { reason, username, about = "", ...from }: MailFrom & {
    readonly reason: NoticeReason;
    readonly username: string;
    /** Of a passkey: its name. */
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
