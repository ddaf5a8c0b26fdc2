import { folded, longestTyped, withoutInvisible } from "./folding.ts";

/** Characters, of the canonical form. @see RFC 5321 section 4.5.3.1.3 */
const longestAddress = 254;

// One address and nothing else: a comma would add a recipient, a line break a header (RFC 5322 section
// 3.4). Quoted local parts are left out: nobody has one, and each has a second spelling without quotes.
const addressPattern = /^([^\s\p{C}@<>()[\],;:"\\]+)@([^\s\p{C}@<>()[\],;:"\\/?#%]+)$/u;

/**
 * The canonical form of a mail address as somebody typed it. All spellings of one address have the same,
 * and an address is searched for, compared, limited and handed to mail servers in no other form:
 *
 * - the host as URLs have it: lower case, an international domain in its ASCII form (UTS 46), no final dot;
 * - the local part folded, too: servers that tell `Ann` from `ann` exist in RFC 5321 section 2.4 alone;
 * - no characters that are not shown.
 *
 * @returns null if the text is no address that mail can be sent to
 */
export function parseMailAddress(text: string): string | null {
  return partsOf(text)?.canonical ?? null;
}

/**
 * An address as it is stored and shown: the canonical form, but with an international domain in letters if
 * it was written in letters. Nobody knows their address by `xn--bcher-kva`.
 *
 * @returns null if the text is no address that mail can be sent to
 */
export function tidyMailAddress(text: string): string | null {
  return partsOf(text)?.tidy ?? null;
}

function partsOf(text: string): { readonly canonical: string; readonly tidy: string } | null {
  if (text.length > longestTyped) return null;
  const [, local, domain] = addressPattern.exec(plain(text)) ?? [];
  if (local === undefined || domain === undefined) return null;
  const host = hostOf(domain);
  if (host === null) return null;
  const canonical = `${local}@${host}`;
  if (canonical.length > longestAddress) return null;
  const letters = domain.replaceAll("\u3002", ".").replace(/\.$/, "");
  const isInternational = /[^\p{ASCII}]/u.test(letters) && hostOf(letters) === host;
  return { canonical, tidy: isInternational ? `${local}@${letters}` : canonical };
}

/** Whether two texts are one mail address. */
export function isSameAddress(one: string, other: string): boolean {
  const address = parseMailAddress(one);
  return address !== null && address === parseMailAddress(other);
}

/** Some invisible characters come of folding only, so this goes on until nothing changes. */
function plain(text: string): string {
  let before = text;
  for (;;) {
    const after = withoutInvisible(folded(before)).trim();
    if (after === before) return after;
    before = after;
  }
}

const label = /^[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$/;

/** @see UTS 46, as the URL Standard applies it to hosts; RFC 1035 section 2.3.4 */
function hostOf(domain: string): string | null {
  const host = URL.parse(`http://${domain}/`)?.hostname.replace(/\.$/, "") ?? "";
  const labels = host.split(".");
  // The URL parser reads a host that ends in a number as an IPv4 address: 127.1 would become another text.
  if (/^\d+$/.test(labels.at(-1) ?? "")) return null;
  return host.length <= 253 && labels.every((part) => label.test(part)) ? host : null;
}
