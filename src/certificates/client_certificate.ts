import { OAuthError } from "../protocol/errors.ts";
import type { CertificateContent } from "./certificate.ts";
import type { PresentedCertificate } from "./presented_certificate.ts";

/** A certificate that could be read, and is valid at this time. */
export interface ClientCertificate extends PresentedCertificate {
  readonly content: CertificateContent;
}

/**
 * Reads the certificate of a request. The proxy knows that the sender has its key.
 *
 * @param now epoch seconds
 * @throws {OAuthError} with the code of the endpoint for credentials that are wrong
 */
export async function clientCertificate(
  presented: PresentedCertificate,
  now: number,
  code: "invalid_client" | "invalid_token",
): Promise<ClientCertificate> {
  const content = await contentOf(presented);
  if (content === null) {
    throw new OAuthError(code, "the client certificate cannot be read", {
      reason: "client_certificate_malformed",
    });
  }
  // A proxy that lets every certificate through does not look at this.
  if (now < content.notBefore || now > content.notAfter) {
    throw new OAuthError(code, "the client certificate has expired or is not valid yet", {
      reason: "client_certificate_expired",
    });
  }
  return { ...presented, content };
}

/** The certificates of recent requests, by their thumbprints. Strangers can send many. */
const known = new Map<string, CertificateContent | null>();
const mostKnown = 500;

async function contentOf({ der, thumbprint }: PresentedCertificate) {
  const before = known.get(thumbprint);
  if (before !== undefined) return before;
  const { readCertificate } = await import("./certificate.ts"); // few servers need it
  const content = await readCertificate(der).catch(() => null);
  if (known.size >= mostKnown) known.clear();
  known.set(thumbprint, content);
  return content;
}
