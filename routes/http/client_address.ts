import { perObject } from "../../stores/engine/store_memory.ts";
import type { Config } from "../../src/config/config.ts";
import type { Deps } from "../../src/deps/deps.ts";
import { apart } from "../../src/identifiers/apart.ts";
import { addressParser, isPlainIpv4, loadedParser } from "../../src/limits/ip_address.ts";
import type { Logger } from "../../src/telemetry/logger.ts";

/** The address of a request, and the problem with the headers of the proxies, if there is one. */
interface ClientAddress {
  /** In its canonical form; null if there is none. */
  readonly address: string | null;
  readonly misfit: Misfit | null;
}

type Misfit = keyof typeof warnings;

const warnings = {
  untrusted:
    "X-Forwarded-For arrives, but LATCHKEY_TRUST_PROXY is 0: if that is a proxy of yours, all its \
users share one address and its limits; set LATCHKEY_TRUST_PROXY to the number of proxies in front",
  too_few:
    "X-Forwarded-For has fewer entries than LATCHKEY_TRUST_PROXY says: either the number is too \
great, and clients can choose their address, or a request came around a proxy",
  no_address:
    "an entry of X-Forwarded-For that a trusted proxy wrote is not an IP address: all such requests \
share one limit; let the proxy write the address that it heard from",
} as const;

/** Operators call these directly, without the proxies. */
const asksDirectly = new Set(["/healthz", "/readyz"]);

/** What was warned of, by the log that has it: the apps of one process share it. */
const warnedBy = perObject<Logger, Set<Misfit>>(() => new Set());

/**
 * Reads the address of each request. If the setting does not fit the requests, the process logs one
 * warning, not one for each request or app.
 */
export function addressReader(
  { config, logger }: Pick<Deps, "config" | "logger">,
): (request: Request, remoteAddress: string | undefined) => string | null {
  const warned = warnedBy(logger);
  return (request, remoteAddress) => {
    const forwardedFor = request.headers.get("x-forwarded-for") ?? undefined;
    const { address, misfit } = clientAddress(remoteAddress, forwardedFor, config.trustedProxies);
    if (
      misfit !== null && !warned.has(misfit) && !asksDirectly.has(new URL(request.url).pathname)
    ) {
      warned.add(misfit);
      logger.warn(warnings[misfit], { trustedProxies: config.trustedProxies });
    }
    return address;
  };
}

/** Whether the address of a request can be read: that of most can before the parser is loaded. */
export function isAddressReadable(
  request: Request,
  remoteAddress: string | undefined,
  { trustedProxies }: Pick<Config, "trustedProxies">,
): boolean {
  if (addressParser.peek() !== null) return true;
  const forwardedFor = request.headers.get("x-forwarded-for") ?? undefined;
  const hop = clientHop(hopsOf(remoteAddress, forwardedFor), trustedProxies);
  return hop === "" || isPlainIpv4(hop);
}

/**
 * The address of the client. Each trusted proxy appends the address of its sender, so the entry of the
 * outermost trusted proxy is the client. Earlier entries are only claims of the client. If there are
 * fewer entries, the request did not come through all proxies, and the first entry is the best that is
 * known.
 */
export function clientAddress(
  remoteAddress: string | undefined,
  forwardedFor: string | undefined,
  trustedProxies: number,
): ClientAddress {
  if (forwardedFor === undefined && trustedProxies === 0) {
    return { address: parseHop(remoteAddress ?? ""), misfit: null };
  }
  const hops = hopsOf(remoteAddress, forwardedFor);
  const tooFew = trustedProxies > 0 && hops.length <= trustedProxies;
  const address = parseHop(clientHop(hops, trustedProxies));
  const misfit = trustedProxies === 0 && forwardedFor !== undefined
    ? "untrusted"
    : tooFew
    ? "too_few"
    : address === null && trustedProxies > 0
    ? "no_address"
    : null;
  return { address, misfit };
}

/** From the client to the last proxy. */
function hopsOf(remoteAddress: string | undefined, forwardedFor: string | undefined): string[] {
  const entries = (forwardedFor ?? "").split(",").map((entry) => entry.trim());
  // A request through a Unix socket came from the last proxy too, although it has no address.
  return [...entries.filter((entry) => entry !== ""), remoteAddress ?? ""];
}

function clientHop(hops: readonly string[], trustedProxies: number): string {
  return hops[Math.max(0, hops.length - 1 - trustedProxies)] ?? "";
}

/**
 * An entry in the formats of proxies: an address, perhaps in quotes, perhaps with a port, and IPv6
 * perhaps in brackets.
 *
 * @see RFC 7239 section 6 (node identifiers), which some proxies write into X-Forwarded-For too
 */
function parseHop(entry: string): string | null {
  const known = parsed.get(entry);
  if (known !== undefined) return known;
  const hop = apart(entry);
  // Strangers choose the content of the header, so the memory is cleared when it is full.
  if (parsed.size >= 1000) parsed.clear();
  const address = normalAddress(hop);
  if (hop.length <= 64) parsed.set(hop, address);
  return address;
}

/** The addresses of recent requests: most come from an address that sent others before. */
const parsed = new Map<string, string | null>();

function normalAddress(hop: string): string | null {
  if (hop === "") return null;
  if (isPlainIpv4(hop)) return hop;
  const node = /^"(.*)"$/.exec(hop)?.[1] ?? hop;
  const host = /^\[([^\]]*)\](?::\d{1,5})?$/.exec(node)?.[1] ??
    /^([\d.]+):\d{1,5}$/.exec(node)?.[1] ?? node;
  if (host.length > 64 || !isAddress(host)) return null;
  return loadedParser().process(host).toString(); // ::ffff:192.0.2.1 is 192.0.2.1
}

/**
 * IPv4, also within IPv6, is only four decimal numbers: who reads `0177.0.0.1` in another way than we do
 * trusts another address.
 */
function isAddress(host: string): boolean {
  const ipaddr = loadedParser();
  const last = host.replace(/%.*/, "").split(":").at(-1) ?? "";
  const hasIpv4 = last.includes(".") || !host.includes(":");
  if (hasIpv4 && !ipaddr.IPv4.isValidFourPartDecimal(last)) return false;
  return host === last || ipaddr.IPv6.isValid(host);
}
