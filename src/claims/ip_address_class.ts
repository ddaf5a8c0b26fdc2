import ipaddr from "ipaddr.js";

/** What an IP address tells a user about where a request came from. */
export type IpAddressClass =
  | { readonly kind: "this_computer" | "local_network" | "unknown" }
  | { readonly kind: "address"; readonly address: string };

/** @see RFC 1918 section 3, RFC 4193 section 3, RFC 3927 section 2.1, RFC 6598 section 7 */
export function ipAddressClass(address: string | null): IpAddressClass {
  if (address === null || !ipaddr.isValid(address)) return { kind: "unknown" };
  const parsed = ipaddr.process(address);
  const range = parsed.range();
  if (range === "loopback") return { kind: "this_computer" };
  if (local.includes(range)) return { kind: "local_network" };
  return { kind: "address", address: parsed.toString() };
}

const local = ["private", "uniqueLocal", "linkLocal", "carrierGradeNat"];
