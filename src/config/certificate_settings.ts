import { z } from "zod";
import { ConfigError } from "./config_error.ts";
import { isAllAddresses, isNetwork, items } from "./outgoing_settings.ts";
import { optional, type Values } from "./variable_kinds.ts";

/** Where the certificates of clients come from: a proxy ends their TLS connections. @see RFC 8705 */
export interface ClientCertificateSettings {
  /** In lower case: `client-cert` (RFC 9440), or another one that holds percent-encoded PEM. */
  readonly header: string;
  /** In lower case: it is `SUCCESS` if the proxy has verified the certificate's chain. Null: none is. */
  readonly verifiedHeader: string | null;
  /** The senders whose headers are believed: networks in CIDR form, or `unix` for the Unix socket. */
  readonly proxies: readonly string[];
  /** The origin at which the proxy asks for certificates; null: the issuer. */
  readonly origin: string | null;
}

const proxyHeader = (pattern: RegExp, problem: string) =>
  optional(() => z.string().regex(pattern, problem).transform((name) => name.toLowerCase()));

/** The variables about certificates of clients, each checked alone. */
export const certificateVariables = {
  LATCHKEY_CLIENT_CERTIFICATE_HEADER: proxyHeader(
    /^(client-cert|x-[a-z0-9-]{1,60})$/i,
    "must be Client-Cert, or a header that begins with X-, such as X-Client-Cert",
  ),
  LATCHKEY_CLIENT_CERTIFICATE_VERIFIED_HEADER: proxyHeader(
    /^x-[a-z0-9-]{1,60}$/i,
    "must be a header that begins with X-, such as X-Client-Verify",
  ),
  LATCHKEY_CLIENT_CERTIFICATE_PROXIES: optional(() =>
    items(
      (item) => item === "unix" || isNetwork(item),
      "must be networks with commas between, such as 10.1.0.0/16,127.0.0.1/32, or unix",
    ).refine(
      (networks) => !networks.some(isAllAddresses),
      "must not hold all addresses, as then anybody could claim any certificate: name those of the proxies",
    )
  ),
  LATCHKEY_CLIENT_CERTIFICATE_ORIGIN: optional(() =>
    z.string().refine(
      (text) => URL.parse(text)?.origin === text && text.startsWith("https://"),
      "must be an https origin without a slash at its end, such as https://mtls.id.example.com",
    )
  ),
};

/**
 * @param socket where the server listens; undefined: at a port
 * @throws {ConfigError} if a setting lacks the others that it needs
 */
export function certificateSettings(
  values: Values<typeof certificateVariables>,
  socket: string | undefined,
): ClientCertificateSettings | null {
  const header = values.LATCHKEY_CLIENT_CERTIFICATE_HEADER;
  const proxies = values.LATCHKEY_CLIENT_CERTIFICATE_PROXIES;
  const verifiedHeader = values.LATCHKEY_CLIENT_CERTIFICATE_VERIFIED_HEADER ?? null;
  const origin = values.LATCHKEY_CLIENT_CERTIFICATE_ORIGIN ?? null;
  if (header === undefined) {
    const [alone] = Object.keys(certificateVariables).filter((name) =>
      values[name as keyof typeof certificateVariables] !== undefined
    );
    if (alone === undefined) return null;
    throw new ConfigError(alone, "is set without LATCHKEY_CLIENT_CERTIFICATE_HEADER: set both");
  }
  if (proxies === undefined) {
    // Otherwise anybody who reaches the server could claim any certificate.
    throw new ConfigError(
      "LATCHKEY_CLIENT_CERTIFICATE_PROXIES",
      "is missing beside LATCHKEY_CLIENT_CERTIFICATE_HEADER: name the addresses of the proxies that \
send it",
    );
  }
  // Otherwise each certificate would be ignored, and each client with one refused.
  if (socket === undefined && proxies.every((proxy) => proxy === "unix")) {
    throw new ConfigError(
      "LATCHKEY_CLIENT_CERTIFICATE_PROXIES",
      "names unix alone, but without LATCHKEY_SOCKET no request comes through a Unix socket: name the \
networks of the proxies, or set LATCHKEY_SOCKET",
    );
  }
  if (socket !== undefined && !proxies.includes("unix")) {
    throw new ConfigError(
      "LATCHKEY_CLIENT_CERTIFICATE_PROXIES",
      "lacks unix, but with LATCHKEY_SOCKET each request comes through a Unix socket and has no address: \
name unix",
    );
  }
  if (verifiedHeader === header) {
    throw new ConfigError(
      "LATCHKEY_CLIENT_CERTIFICATE_VERIFIED_HEADER",
      "must not be the header of the certificate itself",
    );
  }
  return { header, verifiedHeader, proxies, origin };
}

/** The client authentication methods by certificate that work with the settings. */
export function certificateMethods(settings: ClientCertificateSettings | null) {
  if (settings === null) return [];
  const needsNoChain = ["self_signed_tls_client_auth"] as const;
  return settings.verifiedHeader === null
    ? needsNoChain
    : ["tls_client_auth", ...needsNoChain] as const;
}
