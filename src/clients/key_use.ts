import { signingAlgorithms } from "../../stores/provider.ts";
import type { PublicJwk } from "../../stores/public_jwk.ts";

const keyAgreement = ["ECDH-ES", "ECDH-ES+A128KW", "ECDH-ES+A192KW", "ECDH-ES+A256KW"];

/** The algorithms that a kind of key is for. A key of a kind that is not here is of no use. */
const algorithmsOfKind: Readonly<Record<string, readonly string[]>> = {
  "RSA": [
    ...["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"],
    ...["RSA-OAEP", "RSA-OAEP-256", "RSA-OAEP-384", "RSA-OAEP-512"],
  ],
  "EC P-256": ["ES256", ...keyAgreement],
  "EC P-384": ["ES384", ...keyAgreement],
  "EC P-521": ["ES512", ...keyAgreement],
  "OKP Ed25519": ["EdDSA", "Ed25519"],
  "OKP X25519": keyAgreement,
};

/** The algorithms for which a key can be, by its type and curve; undefined: it is of no use. */
export function algorithmsOf({ kty, crv }: PublicJwk): readonly string[] | undefined {
  return algorithmsOfKind[kty === "RSA" ? kty : `${kty} ${crv}`];
}

/**
 * Whether a client's key is for an algorithm: its type and curve fit, and nothing that it says of itself
 * excludes it. A key for signatures must not encrypt, nor one for encryption verify.
 *
 * @see RFC 7517 sections 4.2 (use), 4.3 (key_ops) and 4.4 (alg)
 */
export function isKeyFor(key: PublicJwk, alg: string): boolean {
  const { use, key_ops: operations, alg: only } = key;
  const encrypts = alg.startsWith("RSA-") || alg.startsWith("ECDH-");
  return (algorithmsOf(key)?.includes(alg) ?? false) &&
    (only === undefined || only === alg) &&
    (use === undefined || use === (encrypts ? "enc" : "sig")) &&
    (operations === undefined || allows(operations, alg));
}

/** Whether a client's key can verify what the client signs, by one algorithm or another. */
export function maySign(key: PublicJwk): boolean {
  return signingAlgorithms.some((alg) => isKeyFor(key, alg));
}

/** Whether a client has a key for an algorithm; true if its keys are elsewhere, to be looked at later. */
export function hasKeyFor(
  { jwks, jwks_uri: jwksUri }: {
    readonly jwks?: { readonly keys: readonly PublicJwk[] } | undefined;
    readonly jwks_uri?: string | undefined;
  },
  alg: string,
): boolean {
  return jwksUri !== undefined || (jwks?.keys.some((key) => isKeyFor(key, alg)) ?? false);
}

function allows(operations: readonly string[], alg: string): boolean {
  const has = (...names: string[]) => names.some((name) => operations.includes(name));
  if (alg.startsWith("RSA-")) return has("encrypt", "wrapKey");
  // The public half does nothing by itself, and WebCrypto exports it with an empty list.
  if (alg.startsWith("ECDH-")) return operations.length === 0 || has("deriveKey", "deriveBits");
  return has("verify");
}
