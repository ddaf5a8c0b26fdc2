import { Buffer } from "node:buffer";
import { createPublicKey, type KeyObject, X509Certificate } from "node:crypto";
import { calculateJwkThumbprint, type JWK } from "jose";

// A key that was read and written again has one spelling, which its thumbprint needs. Each function
// returns null for what is no key that a JWK can hold. @see RFC 7638

export function jwkThumbprint({ kty, crv, x, y, n, e }: JWK): Promise<string | null> {
  return thumbprintOf(() => createPublicKey({ key: { kty, crv, x, y, n, e }, format: "jwk" }));
}

export function spkiThumbprint(spki: ArrayBuffer): Promise<string | null> {
  const key = { key: Buffer.from(spki), format: "der", type: "spki" } as const;
  return thumbprintOf(() => createPublicKey(key));
}

/** Whether a certificate is for a key. @param certificate as an entry of `x5c` */
export function isCertificateOf(certificate: string, { kty, crv, x, y, n, e }: JWK): boolean {
  try {
    const key = createPublicKey({ key: { kty, crv, x, y, n, e }, format: "jwk" });
    const certified = new X509Certificate(Buffer.from(certificate, "base64")).publicKey;
    return JSON.stringify(members(key)) === JSON.stringify(members(certified));
  } catch {
    return false;
  }
}

async function thumbprintOf(read: () => KeyObject): Promise<string | null> {
  try {
    return await calculateJwkThumbprint(members(read()));
  } catch {
    return null;
  }
}

function members(key: KeyObject): JWK {
  const { kty, crv, x, y, n, e } = key.export({ format: "jwk" });
  return JSON.parse(JSON.stringify({ kty, crv, x, y, n, e }));
}
