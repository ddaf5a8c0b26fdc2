import { exportJWK, generateKeyPair, type JWK } from "jose";
import type { TrustedIssuer } from "../../src/config/trusted_issuers.ts";
import { publicJwkSchema } from "../../stores/public_jwk.ts";
import { issuer, type TestProvider } from "./provider.ts";
import { signedJwt } from "./signed_jwt.ts";

export const jwtBearer = "urn:ietf:params:oauth:grant-type:jwt-bearer";
export const idp = "https://idp.example";

/** Another authorization server, and the assertions that it signs. */
export interface TestIssuer {
  readonly publicJwk: JWK;
  readonly privateKey: CryptoKey;
  /** Its entry in the configuration. */
  trusted(members?: Partial<TrustedIssuer>): TrustedIssuer;
  /** An ID-JAG for the client "wiki", right in all but what the options change; undefined leaves out. */
  idJag(
    provider: TestProvider,
    claims?: Readonly<Record<string, unknown>>,
    header?: Readonly<Record<string, unknown>>,
  ): Promise<string>;
}

export async function aTrustedIssuer(alg = "ES256", kid = "idp-1"): Promise<TestIssuer> {
  const pair = await generateKeyPair(alg, { extractable: true });
  const publicJwk = { ...await exportJWK(pair.publicKey), kid };
  return {
    publicJwk,
    privateKey: pair.privateKey,
    trusted: (members = {}) => ({
      issuer: idp,
      jwks: { keys: [publicJwkSchema.parse(publicJwk)] },
      jwksUri: null,
      clients: ["wiki"],
      assertions: ["id-jag"],
      users: new Map(),
      usernameClaim: "sub",
      emailDomains: null,
      ...members,
    }),
    async idJag(provider, claims = {}, header = {}) {
      const now = provider.clock.seconds();
      return await signedJwt(pair.privateKey, {
        iss: idp,
        sub: "alice",
        aud: issuer,
        client_id: "wiki",
        jti: crypto.randomUUID(),
        iat: now,
        exp: now + 300,
        ...claims,
      }, { typ: "oauth-id-jag+jwt", alg, kid, ...header });
    },
  };
}
