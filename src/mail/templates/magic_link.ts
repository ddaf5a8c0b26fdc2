import { fill } from "../../language/fill.tsx";
import { type Language, strings } from "../../language/languages.ts";
import { type Requester, requesterSentence } from "../requester.ts";
import { hostOf, type MailFrom, writeLetter } from "./letter.ts";
import type { Block, WrittenMail } from "./written_mail.ts";

/** The sign-in that a mail is about. */
export interface SignInMail extends MailFrom {
  readonly username: string;
  /**
   * The application that the user is signing in to; null: a page of this server. Its name is null if no
   * operator has written it: anybody could otherwise send any words to our users in our name.
   */
  readonly client: { readonly name: string | null } | null;
  readonly requester: Requester;
}

/** Sends the link that signs a user in. */
export function magicLinkMail(
  language: Language,
  { url, ...about }: SignInMail & { readonly url: string },
): WrittenMail {
  const { magicLink: t } = strings(language).mail;
  return writeLetter(language, about, {
    subject: fill(t.subject, { host: hostOf(about) }),
    blocks: [
      fill(t.asked, { host: hostOf(about), username: about.username }),
      ...circumstances(language, about),
      { label: t.link, url },
      t.once,
      t.notYou,
    ],
  });
}

/** Where the sign-in leads and where it was requested, so that users recognise a stranger's request. */
export function circumstances(language: Language, { client, requester }: SignInMail): Block[] {
  const { forClient, forUncheckedClient } = strings(language).mail;
  const from = requesterSentence(language, requester);
  return [
    ...(client === null
      ? []
      : [client.name === null ? forUncheckedClient : fill(forClient, { client: client.name })]),
    ...(from === null ? [] : [from]),
  ];
}
