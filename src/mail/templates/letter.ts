import type { Language } from "../../language/languages.ts";
import {
  type Block,
  type MailBrand,
  signatureOf,
  writeMail,
  type WrittenMail,
} from "./written_mail.ts";

/** The sender of a mail: every template takes these members besides its own. */
export interface MailFrom {
  readonly issuer: string;
  readonly brand?: MailBrand;
}

/** Writes a mail of this server, with its signature and in the operator's colour. */
export function writeLetter(
  language: Language,
  { issuer, brand }: MailFrom,
  { subject, blocks }: { readonly subject: string; readonly blocks: readonly Block[] },
): WrittenMail {
  return writeMail(language, {
    subject,
    blocks,
    signature: signatureOf(language, issuer, brand),
    ...(brand ? { colour: brand.mailColour } : {}),
  });
}

/** The name by which a mail calls this server. */
export function hostOf({ issuer }: MailFrom): string {
  return new URL(issuer).host;
}
