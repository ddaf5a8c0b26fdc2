import { Buffer } from "node:buffer";
import { createPrivateKey, sign } from "node:crypto";
import { AsnConvert, OctetString } from "@peculiar/asn1-schema";
import * as x509 from "@peculiar/asn1-x509";
import { exportJWK, type JWK } from "jose";

/** What a certificate says; the rest is usual. */
export interface CertificateOptions {
  /** In the order of a certificate: the attributes that stand together, by their dotted types. */
  readonly subject?: readonly (readonly (readonly [type: string, value: string])[])[];
  /** How the values of the subject are encoded. */
  readonly encoding?: "utf8String" | "printableString" | "bmpString";
  readonly names?: readonly ConstructorParameters<typeof x509.GeneralName>[0][];
  /** Epoch seconds. */
  readonly notBefore?: number;
  readonly notAfter?: number;
  readonly keys?: CryptoKeyPair;
  /** Who signs it; else it signs itself. */
  readonly issuer?: TestCertificate;
  readonly isAuthority?: boolean;
}

export interface TestCertificate {
  readonly subject: NonNullable<CertificateOptions["subject"]>;
  readonly der: Uint8Array<ArrayBuffer>;
  readonly base64: string;
  /** SHA-256, base64url. */
  readonly thumbprint: string;
  readonly publicJwk: JWK;
  readonly keys: CryptoKeyPair;
  /** The header of RFC 9440. */
  readonly header: Record<string, string>;
  /** Percent-encoded PEM, as nginx sends it. */
  readonly escapedPem: string;
}

export const cn = "2.5.4.3";
export const organization = "2.5.4.10";
export const unit = "2.5.4.11";
const ecdsaWithSha256 = "1.2.840.10045.4.3.2";

/** Makes a certificate. */
export async function aCertificate(options: CertificateOptions = {}): Promise<TestCertificate> {
  const { subject = [[[cn, "app"]]], encoding = "utf8String", names = [] } = options;
  const { notBefore = 0, notAfter = 4_000_000_000 } = options;
  const keys = options.keys ?? await crypto.subtle.generateKey(
    { name: "ECDSA", namedCurve: "P-256" },
    true,
    ["sign", "verify"],
  );
  const spki = await crypto.subtle.exportKey("spki", keys.publicKey);
  const tbsCertificate = new x509.TBSCertificate({
    version: x509.Version.v3,
    serialNumber: new Uint8Array([1, ...crypto.getRandomValues(new Uint8Array(8))]).buffer,
    signature: new x509.AlgorithmIdentifier({ algorithm: ecdsaWithSha256 }),
    issuer: nameOf(options.issuer?.subject ?? subject, encoding),
    validity: new x509.Validity({
      notBefore: new Date(notBefore * 1000),
      notAfter: new Date(notAfter * 1000),
    }),
    subject: nameOf(subject, encoding),
    subjectPublicKeyInfo: AsnConvert.parse(spki, x509.SubjectPublicKeyInfo),
    extensions: new x509.Extensions([
      ...(names.length === 0 ? [] : [
        extension(
          x509.id_ce_subjectAltName,
          new x509.SubjectAlternativeName(names.map((one) => new x509.GeneralName(one))),
        ),
      ]),
      ...(options.isAuthority
        ? [extension(x509.id_ce_basicConstraints, new x509.BasicConstraints({ cA: true }))]
        : []),
    ]),
  });
  const { privateKey } = (options.issuer ?? { keys }).keys;
  const pkcs8 = Buffer.from(await crypto.subtle.exportKey("pkcs8", privateKey));
  const signer = createPrivateKey({ key: pkcs8, format: "der", type: "pkcs8" });
  // In DER, which WebCrypto cannot write.
  const signed = sign("sha256", Buffer.from(AsnConvert.serialize(tbsCertificate)), signer);
  const der = new Uint8Array(AsnConvert.serialize(
    new x509.Certificate({
      tbsCertificate,
      signatureAlgorithm: new x509.AlgorithmIdentifier({ algorithm: ecdsaWithSha256 }),
      signatureValue: new Uint8Array(signed).buffer,
    }),
  ));
  return { ...await asSent(der), subject, publicJwk: await exportJWK(keys.publicKey), keys };
}

function nameOf(subject: TestCertificate["subject"], encoding: string): x509.Name {
  return new x509.Name(
    subject.map((part) =>
      new x509.RelativeDistinguishedName(
        part.map(([type, value]) =>
          new x509.AttributeTypeAndValue({
            type,
            value: new x509.AttributeValue({ [encoding]: value }),
          })
        ),
      )
    ),
  );
}

function extension(extnID: string, value: object): x509.Extension {
  return new x509.Extension({ extnID, extnValue: new OctetString(AsnConvert.serialize(value)) });
}

/** Bytes as proxies send them. */
async function asSent(der: Uint8Array<ArrayBuffer>) {
  const base64 = der.toBase64();
  const thumbprint = new Uint8Array(await crypto.subtle.digest("SHA-256", der))
    .toBase64({ alphabet: "base64url", omitPadding: true });
  const lines = base64.replaceAll(/.{64}/g, "$&\n");
  const pem = `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`;
  const escapedPem = encodeURIComponent(pem);
  return { der, base64, thumbprint, header: { "client-cert": `:${base64}:` }, escapedPem };
}

/** Settings of a server behind a proxy that sends certificates of RFC 9440, and looks at their chains. */
export const behindProxy = {
  clientCertificates: {
    header: "client-cert",
    verifiedHeader: "x-client-verify",
    proxies: ["203.0.113.7/32"], // where the requests of tests come from
    origin: null,
  },
} as const;
/** What the proxy says of a certificate whose chain it has verified. */
export const verified = { "x-client-verify": "SUCCESS" };
