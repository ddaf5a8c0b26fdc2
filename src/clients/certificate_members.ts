import ipaddr from "ipaddr.js";
import { parseDistinguishedName } from "../certificates/distinguished_name.ts";
import { checked, converted, flag, kept, orNull } from "./member.ts";

/** What the certificate of a client with `tls_client_auth` must say: one of them. @see RFC 8705 section 2.1.2 */
export const certificateSubjects = [
  "tls_client_auth_subject_dn",
  "tls_client_auth_san_dns",
  "tls_client_auth_san_uri",
  "tls_client_auth_san_ip",
  "tls_client_auth_san_email",
] as const;

/** A text that one function accepts; null in the record where it is left out. */
function subject(isRight: (text: string) => boolean, problem: string) {
  return checked((text) => text.length <= 1024 && isRight(text) ? null : problem).optional();
}

/** The members about a client's certificate, as src/clients/members.ts has the others. */
export const certificateMembers = {
  tls_client_auth_subject_dn: converted(
    "tlsClientAuthSubjectDn",
    "anyone",
    subject(
      (text) => parseDistinguishedName(text) !== null,
      "must be a distinguished name (RFC 4514), such as CN=app,O=Example,C=DE: write attributes that \
have no name there as numbers, such as 2.5.4.72=x",
    ),
    orNull,
  ),
  tls_client_auth_san_dns: converted(
    "tlsClientAuthSanDns",
    "anyone",
    subject(
      // No wildcard: the name in the certificate must be this one.
      (text) => /^[a-z0-9_]([a-z0-9_-]*)(\.[a-z0-9_]([a-z0-9_-]*))*$/i.test(text),
      "must be a host name without a wildcard",
    ),
    orNull,
  ),
  tls_client_auth_san_uri: converted(
    "tlsClientAuthSanUri",
    "anyone",
    subject((text) => URL.canParse(text) && /^[\x21-\x7e]+$/.test(text), "must be a URI"),
    orNull,
  ),
  tls_client_auth_san_ip: converted(
    "tlsClientAuthSanIp",
    "anyone",
    subject(
      (text) => ipaddr.IPv4.isValidFourPartDecimal(text) || isIpv6(text),
      "must be an IP address",
    ),
    orNull,
  ),
  tls_client_auth_san_email: converted(
    "tlsClientAuthSanEmail",
    "anyone",
    subject((text) => /^[\x21-\x3f\x41-\x7e]+@[a-z0-9.-]+$/i.test(text), "must be a mail address"),
    orNull,
  ),
  tls_client_certificate_bound_access_tokens: kept(
    "tlsClientCertificateBoundAccessTokens",
    "anyone",
    flag(false),
  ),
};

function isIpv6(text: string): boolean {
  return ipaddr.IPv6.isValid(text) && !text.includes("%");
}
