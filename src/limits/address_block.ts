import { isPlainIpv4, loadedParser } from "./ip_address.ts";

/**
 * The block that an address belongs to: the address itself, or for IPv6 its /64, because a subscriber can
 * use any address in it. All unknown addresses share one block.
 */
export function addressBlock(address: string | null): string {
  if (address === null) return "unknown";
  const known = blocks.get(address);
  if (known !== undefined) return known;
  // Anyone can have many addresses, so this forgets all at once instead of growing.
  if (blocks.size >= 1000) blocks.clear();
  const block = blockOf(address);
  blocks.set(address, block);
  return block;
}

/** The blocks of recent addresses: parsing an address takes longer than the rest of a limit. */
const blocks = new Map<string, string>();

function blockOf(address: string): string {
  if (isPlainIpv4(address)) return address;
  const ipaddr = loadedParser();
  if (!ipaddr.isValid(address)) return "unknown";
  const parsed = ipaddr.process(address);
  if (parsed.kind() === "ipv4") return parsed.toString();
  const network = parsed.toByteArray().slice(0, 8);
  return `${ipaddr.fromByteArray([...network, 0, 0, 0, 0, 0, 0, 0, 0]).toString()}/64`;
}
