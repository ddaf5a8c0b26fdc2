import type { JWTPayload } from "jose";
import type { SigningAlgorithm } from "../../stores/provider.ts";
import { toBase64url, utf8 } from "../crypto/encoding.ts";
import type { Signer } from "../deps/signer.ts";

export function headerOf(alg: SigningAlgorithm, kid: string, typ: string | undefined): {
  readonly alg: SigningAlgorithm;
  readonly kid: string;
  readonly typ?: string;
} {
  return typ === undefined ? { alg, kid } : { alg, kid, typ };
}

export function payloadOf(claims: JWTPayload): Uint8Array<ArrayBuffer> {
  return utf8(JSON.stringify(claims));
}

/** What the signature of a JWS is made of. @see RFC 7515 section 5.1 */
export function signingInput(header: object, payload: Uint8Array): string {
  return `${toBase64url(utf8(JSON.stringify(header)))}.${toBase64url(payload)}`;
}

/** A signer that adds a signature which was made before. The caller must compare the result. */
export function signerWith(signature: string, signer: Signer): Signer {
  return {
    ...signer,
    sign(provider, alg, claims, typ) {
      const kid = provider.activeKeys[alg] ?? "";
      const input = signingInput(headerOf(alg, kid, typ), payloadOf(claims));
      return Promise.resolve({ jwt: `${input}.${signature}`, kid });
    },
  };
}
