import { exportJWK, generateKeyPair, type JWK } from "jose";
import type { WorkloadIssuer } from "../../src/config/workload_issuers.ts";
import { publicJwkSchema } from "../../stores/public_jwk.ts";
import type { AssertionOptions } from "./client_assertion.ts";
import { aPublicClient, type ClientEntry } from "./clients.ts";
import type { TestProvider } from "./provider.ts";
import { signedJwt } from "./signed_jwt.ts";

export const cluster = "https://cluster.example";
export const account = "system:serviceaccount:shop:orders";

/** An issuer of tokens for workloads. */
export interface TestWorkloads {
  readonly publicJwk: JWK;
  readonly publicKey: CryptoKey;
  /** Its entry in the configuration. */
  trusted(members?: Partial<WorkloadIssuer>): WorkloadIssuer;
  /** The form of a client with a fresh token, right in all but what the options change. */
  form(provider: TestProvider, clientId: string, options?: AssertionOptions): Promise<
    Record<string, string>
  >;
}

export async function workloads(alg = "RS256", kid = "cluster-1"): Promise<TestWorkloads> {
  const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true });
  const publicJwk = { ...await exportJWK(publicKey), kid };
  return {
    publicJwk,
    publicKey,
    trusted: (members = {}) => ({
      issuer: cluster,
      jwks: { keys: [publicJwkSchema.parse(publicJwk)] },
      jwksUri: null,
      reusable: false,
      longestLifetime: 7200,
      ...members,
    }),
    async form(provider, clientId, { claims = {}, header = {} } = {}) {
      const now = provider.clock.seconds();
      const client_assertion = await signedJwt(privateKey, {
        iss: cluster,
        sub: account,
        aud: [provider.deps.config.issuer], // as Kubernetes writes it
        iat: now,
        nbf: now,
        exp: now + 3607,
        jti: crypto.randomUUID(),
        ...claims,
      }, { alg, kid, ...header });
      return {
        client_id: clientId,
        client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        client_assertion,
      };
    },
  };
}

/** A client that is a workload. */
export function aWorkload(client_id: string, members: Record<string, unknown> = {}): ClientEntry {
  return {
    ...aPublicClient(client_id, { grant_types: ["client_credentials"], redirect_uris: [] }),
    token_endpoint_auth_method: "workload_jwt",
    workload_issuer: cluster,
    workload_subject: account,
    ...members,
  };
}
