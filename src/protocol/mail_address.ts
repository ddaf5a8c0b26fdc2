/** The sender of mails. */
export interface Sender {
  /** Empty: only the address is shown. */
  readonly name: string;
  readonly address: string;
}

// Exactly one address: a comma would add a recipient, a line break a header (RFC 5322 section 3.4). Quoted
// local parts and address literals, which are not used in practice, are refused.
const others = '\\s\\p{C}@<>()\\[\\],;:"\\\\';
const addressPattern = new RegExp(`^([^${others}]+)@([^${others}/?#%]+)$`, "u");
const senderPattern = new RegExp(
  `^(?:([^"<>\\\\\\p{Cc}]*?)|"([^"<>\\\\\\p{Cc}]*)") *<([^<>]*)>$`,
  "u",
);

/** Reads `id@example.com` or `Example <id@example.com>`; null if it is neither. */
export function parseSender(text: string): Sender | null {
  const [, plain, quoted, bracketed] = senderPattern.exec(text) ?? [];
  const address = mailServersForm(bracketed ?? text);
  return address === null ? null : { name: (plain ?? quoted ?? "").trim(), address };
}

/**
 * An address with its domain as mail servers need it in EHLO and Message-ID: an international one in ASCII. A
 * start reads it, so this loads less than the parser for addresses of people.
 * @returns null if mail cannot be sent to this text as an address
 * @see UTS 46, as the URL Standard applies it to hosts
 */
function mailServersForm(text: string): string | null {
  const [, local, domain] = addressPattern.exec(text) ?? [];
  const host = URL.parse(`http://${domain}/`)?.hostname.replace(/\.$/, "") ?? "";
  if (domain === undefined || host === "" || /(?:^|\.)\d+$/.test(host)) return null;
  const address = `${local}@${host}`;
  return address.length <= 254 ? address : null;
}

/** A sender as one text, as the header From shows it. @see RFC 5322 section 3.4 */
export function formatSender({ name, address }: Sender): string {
  if (name === "") return address;
  return /[(),.:;@[\]]/.test(name) ? `"${name}" <${address}>` : `${name} <${address}>`;
}
