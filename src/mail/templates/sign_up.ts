import { fill } from "../../language/fill.tsx";
import { type Language, strings } from "../../language/languages.ts";
import { type Asker, askerSentence } from "../asker.ts";
import { hostOf, type MailFrom, writeLetter } from "./letter.ts";
import type { WrittenMail } from "./written_mail.ts";

/** Brings the link with which an account is made. */
export function signUpMail(
  language: Language,
  { url, asker, ...from }: MailFrom & { readonly url: string; readonly asker: Asker },
): WrittenMail {
  const { signUp: t } = strings(language).mail;
  const host = hostOf(from);
  const sentence = askerSentence(language, asker);
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

/** Tells who wanted to make an account that they have one: the page that asked must not. */
export function accountExistsMail(
  language: Language,
  { username, asker, ...from }: MailFrom & { readonly username: string; readonly asker: Asker },
): WrittenMail {
  const { accountExists: t } = strings(language).mail;
  const host = hostOf(from);
  const sentence = askerSentence(language, asker);
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
