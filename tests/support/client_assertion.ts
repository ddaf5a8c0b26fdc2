import { exportJWK, generateKeyPair, type JWK } from "jose";
import type { TestProvider } from "./provider.ts";
import { signedJwt } from "./signed_jwt.ts";

const type = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/** What an assertion says; undefined leaves a claim out. */
export interface AssertionOptions {
  readonly claims?: Readonly<Record<string, unknown>>;
  readonly header?: Readonly<Record<string, unknown>>;
}

/** A client's key with which it authenticates, and the forms that it makes. */
export interface ClientKey {
  readonly publicJwk: JWK;
  readonly publicKey: CryptoKey;
  readonly privateKey: CryptoKey;
  /** The two parameters of a fresh assertion, right in all but what the options change. */
  form(provider: TestProvider, clientId: string, options?: AssertionOptions): Promise<
    Record<string, string>
  >;
}

/** Makes a key pair of a client. */
export async function aClientKey(alg = "ES256", kid: string | null = "1"): Promise<ClientKey> {
  const pair = await generateKeyPair(alg, { extractable: true });
  const publicJwk = { ...await exportJWK(pair.publicKey), ...(kid === null ? {} : { kid }) };
  const header = { alg, ...(kid === null ? {} : { kid }) };
  return {
    publicJwk,
    publicKey: pair.publicKey,
    privateKey: pair.privateKey,
    form: (provider, clientId, options = {}) =>
      assertionForm(provider, clientId, pair.privateKey, {
        ...options,
        header: { ...header, ...options.header },
      }),
  };
}

/** The form of a client that signs with its secret. */
export async function secretAssertion(
  provider: TestProvider,
  clientId: string,
  secret: string,
  options: AssertionOptions = {},
): Promise<Record<string, string>> {
  const header = { alg: "HS256", ...options.header };
  const key = new TextEncoder().encode(secret);
  return await assertionForm(provider, clientId, key, { ...options, header });
}

async function assertionForm(
  provider: TestProvider,
  clientId: string,
  key: CryptoKey | Uint8Array,
  { claims = {}, header = {} }: AssertionOptions,
) {
  const now = provider.clock.seconds();
  const client_assertion = await signedJwt(key, {
    iss: clientId,
    sub: clientId,
    aud: provider.deps.config.issuer,
    jti: crypto.randomUUID(),
    iat: now,
    exp: now + 60,
    ...claims,
  }, { alg: "ES256", ...header });
  return { client_assertion_type: type, client_assertion };
}
