import { Buffer } from "node:buffer";
import { AsnConvert } from "@peculiar/asn1-schema";
import {
  Certificate as Asn1Certificate,
  id_ce_subjectAltName,
  type Name,
  SubjectAlternativeName,
} from "@peculiar/asn1-x509";
import type { RelativeName } from "./distinguished_name.ts";
import { spkiThumbprint } from "./key_thumbprint.ts";

/** What a certificate says. Who signed it is the proxy's business. @see RFC 5280 section 4 */
export interface CertificateContent {
  /** In the order of the certificate. */
  readonly subject: readonly RelativeName[];
  /** The subject alternative names of each kind. */
  readonly names: {
    readonly dns: readonly string[];
    readonly uri: readonly string[];
    /** As text. */
    readonly ip: readonly string[];
    readonly email: readonly string[];
  };
  /** SHA-256 of the public key, base64url; null: a kind of key that no JWK is for. @see RFC 7638 */
  readonly keyThumbprint: string | null;
  /** Epoch seconds. */
  readonly notBefore: number;
  readonly notAfter: number;
}

/** Reads a certificate. @throws if it is none */
export async function readCertificate(der: Uint8Array<ArrayBuffer>): Promise<CertificateContent> {
  const { tbsCertificate } = AsnConvert.parse(der, Asn1Certificate);
  const { subject, validity, extensions = [], subjectPublicKeyInfo } = tbsCertificate;
  const found = extensions.filter(({ extnID }) => extnID === id_ce_subjectAltName);
  if (found.length > 1) throw new Error("an extension occurs twice"); // RFC 5280 section 4.2
  const names = found.flatMap((
    { extnValue },
  ) => [...AsnConvert.parse(extnValue, SubjectAlternativeName)]);
  return {
    subject: subjectOf(subject),
    names: {
      dns: names.flatMap(({ dNSName }) => dNSName ?? []),
      uri: names.flatMap(({ uniformResourceIdentifier }) => uniformResourceIdentifier ?? []),
      ip: names.flatMap(({ iPAddress }) => iPAddress ?? []),
      email: names.flatMap(({ rfc822Name }) => rfc822Name ?? []),
    },
    keyThumbprint: await spkiThumbprint(AsnConvert.serialize(subjectPublicKeyInfo)),
    notBefore: seconds(validity.notBefore.getTime()),
    notAfter: seconds(validity.notAfter.getTime()),
  };
}

function subjectOf(name: Name): RelativeName[] {
  return name.map((part) =>
    part.map(({ type, value }) => ({
      type,
      text: value.anyValue === undefined ? value.toString() : null,
      encoding: Buffer.from(AsnConvert.serialize(value)).toString("hex"),
    }))
  );
}

function seconds(time: Date): number {
  return Math.floor(time.getTime() / 1000);
}
