import { calculateJwkThumbprint, exportJWK, generateKeyPair, type JWK, SignJWT } from "jose";
import { digest } from "../../src/crypto/digest.ts";
import type { TestProvider } from "./provider.ts";

/** A client's key, and the proofs that it makes. */
export interface DpopKey {
  readonly thumbprint: string;
  /** A proof for a request; `claims` and `header` replace what an honest client would write. */
  proof(request: ProofRequest): Promise<string>;
}

export interface ProofRequest {
  readonly method?: string;
  readonly path: string;
  readonly accessToken?: string;
  readonly nonce?: string;
  readonly claims?: Record<string, unknown>;
  readonly header?: Record<string, unknown>;
}

/** Makes a key that proves for a provider, by its clock. */
export async function aDpopKey(provider: TestProvider, alg = "ES256"): Promise<DpopKey> {
  const pair = await generateKeyPair(alg, { extractable: true });
  const jwk: JWK = await exportJWK(pair.publicKey);
  return {
    thumbprint: await calculateJwkThumbprint(jwk, "sha256"),
    async proof({ method = "POST", path, accessToken, nonce, claims = {}, header = {} }) {
      const payload = {
        jti: crypto.randomUUID(),
        htm: method,
        htu: provider.deps.config.issuer + path,
        iat: provider.clock.seconds(),
        ...(accessToken === undefined ? {} : { ath: await digest(accessToken) }),
        ...(nonce === undefined ? {} : { nonce }),
        ...claims,
      };
      return await new SignJWT(payload)
        .setProtectedHeader({ typ: "dpop+jwt", alg, jwk, ...header })
        .sign(pair.privateKey);
    },
  };
}
