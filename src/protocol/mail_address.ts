/** The sender of mails. */
export interface Sender {
  /** Empty: only the address is shown. */
  readonly name: string;
  readonly address: string;
}

// Exactly one address: a comma would add a recipient, a line break a header (RFC 5322 section 3.4). Quoted
// local parts and address literals, which are not used in practice, are refused.
const part = '[^\\s\\p{Cc}@<>()\\[\\],;:"\\\\]+';
const addressPattern = new RegExp(`^${part}@${part}$`, "u");
const senderPattern = new RegExp(
  `^(?:([^"<>\\\\\\p{Cc}]*?)|"([^"<>\\\\\\p{Cc}]*)") *<([^<>]*)>$`,
  "u",
);

/** Whether mail can be sent to this text as an address. */
function isMailAddress(text: string): boolean {
  return text.length <= 254 && addressPattern.test(text);
}

/** Reads `id@example.com` or `Example <id@example.com>`; null if it is neither. */
export function parseSender(text: string): Sender | null {
  const [, plain, quoted, bracketed] = senderPattern.exec(text) ?? [];
  const sender = { name: (plain ?? quoted ?? "").trim(), address: bracketed ?? text };
  return isMailAddress(sender.address) ? sender : null;
}

/** A sender as one text, as the header From shows it. @see RFC 5322 section 3.4 */
export function formatSender({ name, address }: Sender): string {
  if (name === "") return address;
  return /[(),.:;@[\]]/.test(name) ? `"${name}" <${address}>` : `${name} <${address}>`;
}
