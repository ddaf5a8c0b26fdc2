import { fill } from "../../language/fill.tsx";
import { type Language, strings } from "../../language/languages.ts";
import { hostOf, writeLetter } from "./letter.ts";
import { circumstances, type SignInMail } from "./magic_link.ts";
import type { WrittenMail } from "./written_mail.ts";

/** Sends the code that signs a user in. */
export function emailCodeMail(
  language: Language,
  { code, ...about }: SignInMail & { readonly code: string },
): WrittenMail {
  const { emailCode: t } = strings(language).mail;
  const host = hostOf(about);
  return writeLetter(language, about, {
    // The code comes first, so that a notification on a locked phone shows it.
    subject: fill(t.subject, { code, host }),
    blocks: [
      fill(t.asked, { host, username: about.username }),
      { code },
      ...circumstances(language, about),
      t.once,
      t.notYou,
    ],
  });
}
