import { fill } from "../../language/fill.tsx";
import { type Language, strings } from "../../language/languages.ts";
import { hostOf, type MailFrom, writeLetter } from "./letter.ts";
import type { WrittenMail } from "./written_mail.ts";

/** Tells a user that an application asks them to confirm a sign-in elsewhere. It opens nothing by itself. */
export function backchannelRequestMail(
  language: Language,
  { username, clientName, bindingMessage, minutes, ...from }: MailFrom & {
    readonly username: string;
    /** Null if no operator has written it. */
    readonly clientName: string | null;
    readonly bindingMessage: string | null;
    readonly minutes: number;
  },
): WrittenMail {
  const { backchannelRequest: t } = strings(language).mail;
  const host = hostOf(from);
  return writeLetter(language, from, {
    subject: fill(t.subject, { host }),
    blocks: [
      clientName === null
        ? fill(t.askedByUnchecked, { host, username })
        : fill(t.asked, { client: clientName, host, username }),
      ...(bindingMessage === null ? [] : [fill(t.message, { message: bindingMessage })]),
      { label: t.link, url: `${from.issuer}/account/requests` },
      fill(t.until, { minutes: String(minutes) }),
      t.notYou,
    ],
  });
}
