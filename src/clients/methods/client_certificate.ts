import { createHash } from "node:crypto";
import ipaddr from "ipaddr.js";
import type { ClientKeys } from "../../../stores/client_keys.ts";
import type { Client } from "../../../stores/clients.ts";
import type { PublicJwk } from "../../../stores/public_jwk.ts";
import type { CertificateContent } from "../../certificates/certificate.ts";
import type { ClientCertificate } from "../../certificates/client_certificate.ts";
import { isSameName, parseDistinguishedName } from "../../certificates/distinguished_name.ts";
import { jwkThumbprint } from "../../certificates/key_thumbprint.ts";
import type { RefusalReason } from "../../protocol/errors.ts";
import { withKeysOf } from "./assertion_signature.ts";

/**
 * Checks the certificate of a client that authenticates by it.
 *
 * @returns why it is refused, if it is
 * @throws {ClientKeysNeeded} if the keys at its `jwks_uri` have to be fetched first
 * @see RFC 8705 sections 2.1.2 and 2.2.2
 */
export async function certificateProblem(
  client: Client,
  certificate: ClientCertificate | null,
  context: { readonly now: number; readonly fetchedKeys: ClientKeys | null },
): Promise<RefusalReason | null> {
  if (certificate === null) return "client_certificate_missing";
  if (client.tokenEndpointAuthMethod === "tls_client_auth") {
    // Anybody can make a certificate with any name.
    if (!certificate.isVerified) return "client_certificate_untrusted";
    return isFor(client, certificate.content) ? null : "client_certificate_wrong";
  }
  const attempt = async (keys: readonly PublicJwk[]) => {
    for (const key of keys) if (await isOfKey(key, certificate)) return null;
    throw new NoSuchKey("no key of the client is that of the certificate");
  };
  try {
    return await withKeysOf(client, context, attempt, (error) => error instanceof NoSuchKey);
  } catch (error) {
    if (error instanceof NoSuchKey) return "client_certificate_wrong";
    throw error;
  }
}

class NoSuchKey extends Error {
  override readonly name = "NoSuchKey";
}

/** A client has registered one of these, so one must be there and right. */
function isFor(client: Client, { subject, names }: CertificateContent): boolean {
  const { tlsClientAuthSubjectDn: dn, tlsClientAuthSanDns: dns } = client;
  const { tlsClientAuthSanUri: uri, tlsClientAuthSanIp: ip } = client;
  const { tlsClientAuthSanEmail: email } = client;
  if (dn !== null) return isSameName(parseDistinguishedName(dn) ?? [], subject);
  if (dns !== null) return names.dns.some((name) => name.toLowerCase() === dns.toLowerCase());
  if (uri !== null) return names.uri.includes(uri);
  if (ip !== null) return names.ip.some((address) => bytesOf(address) === bytesOf(ip));
  if (email !== null) return names.email.some((name) => folded(name) === folded(email));
  return false;
}

/** An address has many spellings. An IPv4 address is not the IPv6 address that contains it. */
function bytesOf(address: string): string {
  return ipaddr.isValid(address) ? ipaddr.parse(address).toByteArray().join(".") : "";
}

/** The host of a mail address is compared without case. @see RFC 5280 section 7.5 */
function folded(address: string): string {
  const at = address.lastIndexOf("@");
  return address.slice(0, at) + address.slice(at).toLowerCase();
}

/** A key with a certificate is for that one alone: the client says so. */
async function isOfKey(
  key: PublicJwk,
  { thumbprint, content }: ClientCertificate,
): Promise<boolean> {
  const [certificate] = key.x5c ?? [];
  if (certificate !== undefined) {
    return createHash("sha256").update(certificate, "base64").digest("base64url") === thumbprint;
  }
  return content.keyThumbprint !== null && await jwkThumbprint(key) === content.keyThumbprint;
}
