import ipaddr from "ipaddr.js";
import {
  type PresentedCertificate,
  presentedCertificate as certificateIn,
} from "../../src/certificates/presented_certificate.ts";
import type { Deps } from "../../src/deps/deps.ts";

/**
 * The certificate of the connection of a request, if one of the operator's proxies sent the request. From
 * anybody else the headers are only a claim, and are ignored.
 *
 * @throws {OAuthError} `invalid_request` if the proxy's header holds no single certificate
 * @see RFC 8705 section 6.5, RFC 9440 section 4
 */
export function presentedCertificate(
  { request, remoteAddress }: { readonly request: Request; readonly remoteAddress: string | null },
  { config: { clientCertificates: settings }, logger }: Pick<Deps, "config" | "logger">,
): PresentedCertificate | null {
  if (settings === null || !request.headers.has(settings.header)) return null;
  if (isOneOf(settings.proxies, remoteAddress)) return certificateIn(settings, request.headers);
  if (warned.has(settings)) return null;
  warned.add(settings);
  logger.warn("a client certificate was ignored: its sender is no proxy of this server", {
    header: settings.header,
    address: remoteAddress ?? undefined,
  });
  return null;
}

/** One line is enough: anybody can send the header. */
const warned = new WeakSet<object>();

/** @param sender null: it came through the Unix socket */
function isOneOf(proxies: readonly string[], sender: string | null): boolean {
  if (sender === null) return proxies.includes("unix");
  if (!ipaddr.isValid(sender)) return false;
  const address = ipaddr.process(sender); // ::ffff:192.0.2.1 is 192.0.2.1
  return proxies.some((proxy) => {
    if (proxy === "unix") return false;
    const [network, bits] = ipaddr.parseCIDR(proxy);
    return network.kind() === address.kind() && address.match(network, bits);
  });
}
