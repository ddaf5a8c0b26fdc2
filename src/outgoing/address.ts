import ipaddr from "ipaddr.js";

export type AddressKind = "public" | "loopback" | "private";

export interface CheckedAddress {
  /** In its normal form: the one to connect to, so that no other program reads the text differently. */
  readonly address: string;
  readonly kind: AddressKind;
}

/** All global unicast addresses of IPv6 are in this block. @see RFC 4291 section 2.4 */
const globalUnicast = ipaddr.IPv6.parseCIDR("2000::/3");

/**
 * Where an IP address leads: `public` only if the whole Internet can reach it (RFC 6890). An IPv4 address
 * in an IPv6 address counts as the IPv4 address if systems connect to that (`::ffff:10.0.0.1`). What
 * leads to IPv4 through a translator or a tunnel is private, because it may lead anywhere: NAT64, 6to4,
 * Teredo.
 *
 * @returns null if the text is no IP address
 */
export function checkedAddress(text: string): CheckedAddress | null {
  if (!isPlainAddress(text)) return null;
  const parsed = ipaddr.process(text);
  const range = parsed.range();
  const isGlobal = parsed instanceof ipaddr.IPv4 || parsed.match(globalUnicast);
  const kind = range === "loopback"
    ? "loopback"
    : range === "unicast" && isGlobal
    ? "public"
    : "private";
  return { address: parsed.toString(), kind };
}

/** Without a zone, and without the short and octal forms of IPv4, which programs read differently. */
function isPlainAddress(text: string): boolean {
  return ipaddr.IPv4.isValidFourPartDecimal(text) ||
    (text.includes(":") && !text.includes("%") && ipaddr.IPv6.isValid(text));
}

/** Whether an address is in one of the networks. @param address as `checkedAddress` returns it */
export function isWithin(address: string, networks: readonly string[]): boolean {
  const parsed = ipaddr.process(address);
  return networks.map((network) => ipaddr.parseCIDR(network)).some(([base, length]) => {
    return parsed.kind() === base.kind() && parsed.match(base, length);
  });
}
