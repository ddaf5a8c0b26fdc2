import { createHash } from "node:crypto";
import type { ClientCertificateSettings } from "../config/certificate_settings.ts";
import { foreignBase64 } from "../crypto/encoding.ts";
import { OAuthError } from "../protocol/errors.ts";

/** The certificate of a TLS connection, as a trusted proxy passes it on. Nothing in it is checked yet. */
export interface PresentedCertificate {
  readonly der: Uint8Array<ArrayBuffer>;
  /** SHA-256, base64url. @see RFC 8705 section 3.1 */
  readonly thumbprint: string;
  /** Whether the proxy has verified its chain up to one of the operator's authorities. */
  readonly isVerified: boolean;
}

/** Certificates of clients have 1 to 2 KB. */
const mostBytes = 8 * 1024;

/**
 * The certificate in the headers of a trusted proxy; null: the connection has none.
 *
 * @throws {OAuthError} `invalid_request` for more than one, and for anything else
 * @see RFC 9440 section 2.2
 */
export function presentedCertificate(
  { header, verifiedHeader }: ClientCertificateSettings,
  headers: Headers,
): PresentedCertificate | null {
  const value = headers.get(header)?.trim() ?? "";
  if (value === "") return null;
  const base64 = header === "client-cert" ? byteSequence(value) : escapedPem(value);
  if (base64 === "") return null; // some proxies send it where there is no certificate
  const der = base64 === null || base64.length > 2 * mostBytes ? null : foreignBase64(base64);
  if (der === null || der.length > mostBytes) {
    throw new OAuthError("invalid_request", "the proxy sent no usable client certificate", {
      reason: "client_certificate_malformed",
    });
  }
  const thumbprint = createHash("sha256").update(der).digest("base64url");
  // Two headers arrive joined by a comma: they do not say this either.
  const isVerified = verifiedHeader !== null && headers.get(verifiedHeader) === "SUCCESS";
  return { der, thumbprint, isVerified };
}

/** A byte sequence, without parameters. @see RFC 8941 section 3.3.5 */
function byteSequence(value: string): string | null {
  return /^:([^:]*):$/.exec(value)?.[1] ?? null;
}

/** One PEM block, percent-encoded; Traefik sends it without its delimiters. */
function escapedPem(value: string): string | null {
  if (value.length > 4 * mostBytes) return null;
  try {
    const pem = decodeURIComponent(value).trim();
    const inside = /^-----BEGIN CERTIFICATE-----([^-]*)-----END CERTIFICATE-----$/.exec(pem)?.[1];
    return (inside ?? pem).replaceAll(/[ \t\r\n]/g, "");
  } catch {
    return null;
  }
}
