/**
 * The canonical text of an IP address, by the platform's own parser of hosts: `ipaddr.js` takes as long to
 * load as a server that does nothing takes to start. An IPv4 address in an IPv6 address is the IPv4 address.
 *
 * @returns null if the text is no address: those are a zone, and short, octal and hexadecimal forms of IPv4
 * @see RFC 5952
 */
export function canonicalIpAddress(text: string): string | null {
  // Only what an address can consist of: the text becomes part of a URL.
  if (/^[\d.]{7,15}$/.test(text)) return hostOf(text) === text ? text : null;
  if (!/^(?=.*:)[\da-f:.]{2,45}$/i.test(text)) return null;
  const address = hostOf(`[${text}]`)?.slice(1, -1) ?? null;
  const [, high, low] = /^::ffff:([\da-f]+):([\da-f]+)$/.exec(address ?? "") ?? [];
  if (high === undefined || low === undefined) return address;
  return [high, low].flatMap((group) => {
    const bits = Number.parseInt(group, 16);
    return [bits >> 8, bits & 255];
  }).join(".");
}

/** The first address of the /64 that an IPv6 address is in. @param address in its canonical form */
export function networkOf(address: string): string {
  const [before = "", after] = address.split("::");
  const groups = groupsOf(before);
  const rest = groupsOf(after ?? "");
  const zeros = Array.from({ length: 8 - groups.length - rest.length }, () => "0");
  const network = [...groups, ...zeros, ...rest].slice(0, 4).join(":");
  return canonicalIpAddress(`${network}:0:0:0:0`) ?? address;
}

function groupsOf(text: string): string[] {
  return text === "" ? [] : text.split(":");
}

function hostOf(host: string): string | null {
  const url = `http://${host}/`;
  return URL.canParse(url) ? new URL(url).hostname : null;
}
