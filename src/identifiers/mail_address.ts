import { folded, longestTyped, withoutInvisible } from "./folding.ts";

/** The most characters of the canonical form. @see RFC 5321 section 4.5.3.1.3 */
const longestAddress = 254;

// Exactly one address: a comma would add a recipient, a line break a header (RFC 5322 section 3.4). Quoted
// local parts are refused: they are not used in practice, and each has a second spelling without quotes.
const addressPattern = /^([^\s\p{C}@<>()[\],;:"\\]+)@([^\s\p{C}@<>()[\],;:"\\/?#%]+)$/u;

/**
 * The canonical form of a typed mail address. All spellings of one address have the same form, and only
 * this form is used for searching, comparing, limits and mail servers:
 * - the host as in URLs: lower case, an international domain in its ASCII form (UTS 46), no final dot;
 * - the local part folded too: servers that distinguish `Ann` from `ann` exist only in RFC 5321 section
 * 2.4;
 * - no invisible characters.
 * @returns null if mail cannot be sent to this text as an address
 */
export function parseMailAddress(text: string): string | null {
  return partsOf(text)?.canonical ?? null;
}

/**
 * An address as it is stored and shown: the canonical form, but with an international domain in letters
 * if it was typed in letters. Users do not recognise their address as `xn--bcher-kva`.
 * @returns null if mail cannot be sent to this text as an address
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

/** Whether two texts are the same mail address. */
export function isSameAddress(one: string, other: string): boolean {
  const address = parseMailAddress(one);
  return address !== null && address === parseMailAddress(other);
}

/** Folding can create invisible characters, so repeat until nothing changes. */
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
  // The URL parser treats a host that ends in a number as an IPv4 address: 127.1 would become another
  // text.
  if (/^\d+$/.test(labels.at(-1) ?? "")) return null;
  return host.length <= 253 && labels.every((part) => label.test(part)) ? host : null;
}
