import type { SigningAlgorithm } from "../../stores/provider.ts";

/** The hash of each signature, by its name in node:crypto. @see RFC 7518 section 3.1, RFC 8032 section 5.1 */
export const signatureHashes = {
  RS256: "sha256",
  RS384: "sha384",
  RS512: "sha512",
  PS256: "sha256",
  PS384: "sha384",
  PS512: "sha512",
  ES256: "sha256",
  ES384: "sha384",
  ES512: "sha512",
  EdDSA: "sha512", // on Ed25519
  Ed25519: "sha512",
} as const satisfies Readonly<Record<SigningAlgorithm, string>>;
