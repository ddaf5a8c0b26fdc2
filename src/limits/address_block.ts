import ipaddr from "ipaddr.js";

/**
 * Whom an address stands for: itself, or in IPv6 the /64 that a subscriber gets and can roam in at
 * will. All whose address is not known are one.
 */
export function addressBlock(address: string | null): string {
  if (address === null || !ipaddr.isValid(address)) return "unknown";
  const parsed = ipaddr.process(address);
  if (parsed.kind() === "ipv4") return parsed.toString();
  const network = parsed.toByteArray().slice(0, 8);
  return `${ipaddr.fromByteArray([...network, 0, 0, 0, 0, 0, 0, 0, 0]).toString()}/64`;
}
