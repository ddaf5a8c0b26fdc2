import { fill } from "../../language/fill.tsx";
import { type Language, strings } from "../../language/languages.ts";
import { type Requester, requesterSentence } from "../requester.ts";
import { hostOf, type MailFrom, writeLetter } from "./letter.ts";
import type { WrittenMail } from "./written_mail.ts";

/** Sends the link for creating an account. */
export function signUpMail(
  language: Language,
  { url, requester, ...from }: MailFrom & { readonly url: string; readonly requester: Requester },
): WrittenMail {
  const { signUp: t } = strings(language).mail;
  const host = hostOf(from);
  const sentence = requesterSentence(language, requester);
  return writeLetter(language, from, {
    subject: fill(t.subject, { host }),
    blocks: [
      fill(t.asked, { host }),
      ...(sentence === null ? [] : [sentence]),
      { label: t.link, url },
      t.once,
      t.notYou,
    ],
  });
}

/** Informs users who try to sign up that they have an account. The page must not say so. */
export function accountExistsMail(
  language: Language,
  { username, requester, ...from }: MailFrom & {
    readonly username: string;
    readonly requester: Requester;
  },
): WrittenMail {
  const { accountExists: t } = strings(language).mail;
  const host = hostOf(from);
  const sentence = requesterSentence(language, requester);
  return writeLetter(language, from, {
    subject: fill(t.subject, { host }),
    blocks: [
      fill(t.asked, { host, username }),
      ...(sentence === null ? [] : [sentence]),
      t.signIn,
      { label: t.link, url: `${from.issuer}/password-reset` },
      t.notYou,
    ],
  });
}
