import { createPublicKey } from "node:crypto";
import type { PublicJwk } from "../../stores/public_jwk.ts";
import { isCertificateOf } from "../certificates/key_thumbprint.ts";
import { algorithmsOf } from "./key_use.ts";

/** Shorter keys can be factored before long. @see RFC 7518 section 3.3 */
const shortestModulus = 2048;
const mostModulus = 8192;

/**
 * What is wrong with the keys that somebody registers, or null. Each must be one that can verify or encrypt:
 * otherwise its client would learn only at its first request that it cannot authenticate.
 *
 * @see RFC 7517 section 4, RFC 7518 section 6
 */
export function keysProblem(keys: readonly PublicJwk[]): string | null {
  const kids = keys.flatMap(({ kid }) => kid === undefined ? [] : [kid]);
  // An assertion names its key by kid, which must mean one key.
  if (new Set(kids).size < kids.length) return "must not hold two keys with one kid";
  return keys.map(keyProblem).find((problem) => problem !== null) ?? null;
}

function keyProblem(key: PublicJwk): string | null {
  const { kty, alg } = key;
  const algorithms = algorithmsOf(key);
  if (algorithms === undefined) {
    return "must hold keys on the curves P-256, P-384, P-521, Ed25519 and X25519";
  }
  if (alg !== undefined && !algorithms.includes(alg)) {
    return "must hold keys whose alg fits their kty and crv";
  }
  const modulusLength = modulusLengthOf(key);
  if (modulusLength === null) return "must hold keys that are valid for their kty and crv";
  if (kty === "RSA" && modulusLength < shortestModulus) {
    return `must hold RSA keys of at least ${shortestModulus} bits`;
  }
  if (modulusLength > mostModulus) return `must hold RSA keys of at most ${mostModulus} bits`;
  const [certificate] = key.x5c ?? [];
  if (certificate !== undefined && !isCertificateOf(certificate, key)) {
    return "must hold keys whose first certificate in x5c is for them";
  }
  return null;
}

/** Bits of an RSA key, and 0 for another one; null: it is no key, such as a point beside its curve. */
function modulusLengthOf(key: PublicJwk): number | null {
  // Unlike WebCrypto, which finds out only when the key is used.
  try {
    const { kty, crv, x, y, n, e } = key;
    const imported = createPublicKey({ key: { kty, crv, x, y, n, e }, format: "jwk" });
    return imported.asymmetricKeyDetails?.modulusLength ?? 0;
  } catch {
    return null;
  }
}
