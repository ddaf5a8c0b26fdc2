import { assertEquals, assertNotEquals } from "@std/assert";
import { decodeProtectedHeader } from "jose";
import * as providers from "../../stores/provider.ts";
import * as signingKeys from "../../stores/signing_keys.ts";
import { systemOrigin } from "../../stores/engine/transaction.ts";
import { newSigningKey } from "../../src/keys/key_pair.ts";
import { aProvider, issuer, type TestProvider } from "../support/provider.ts";
import { isOlderDeno } from "../support/newer_deno.ts";
import { signIn } from "../support/tokens.ts";

const confidential = [
  "client_secret_basic",
  "client_secret_post",
  "client_secret_jwt",
  "private_key_jwt",
];
// Deno 2.5 has no P-521.
const signatures = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384"]
  .concat(isOlderDeno ? [] : "ES512", "EdDSA", "Ed25519");
const assertionAlgorithms = ["HS256", "HS384", "HS512", ...signatures];

const metadata = {
  issuer,
  authorization_endpoint: `${issuer}/authorize`,
  token_endpoint: `${issuer}/token`,
  userinfo_endpoint: `${issuer}/userinfo`,
  jwks_uri: `${issuer}/.well-known/jwks.json`,
  introspection_endpoint: `${issuer}/introspect`,
  pushed_authorization_request_endpoint: `${issuer}/par`,
  device_authorization_endpoint: `${issuer}/device_authorization`,
  backchannel_authentication_endpoint: `${issuer}/backchannel_authentication`,
  backchannel_token_delivery_modes_supported: ["poll", "ping"],
  backchannel_user_code_parameter_supported: false,
  backchannel_authentication_request_signing_alg_values_supported: signatures,
  revocation_endpoint: `${issuer}/revoke`,
  end_session_endpoint: `${issuer}/logout`,
  scopes_supported: [
    "openid",
    "profile",
    "email",
    "address",
    "phone",
    "offline_access",
    "groups",
    "device_sso",
  ],
  response_types_supported: ["code"],
  response_modes_supported: [
    ...["query", "fragment", "form_post", "query.jwt", "fragment.jwt", "form_post.jwt", "jwt"],
  ],
  grant_types_supported: [
    ...["authorization_code", "refresh_token", "client_credentials"],
    "urn:ietf:params:oauth:grant-type:token-exchange",
    "urn:ietf:params:oauth:grant-type:device_code",
    "urn:openid:params:grant-type:ciba",
  ],
  acr_values_supported: ["urn:latchkey:acr:1fa", "urn:latchkey:acr:2fa", "phr"],
  subject_types_supported: ["public", "pairwise"],
  id_token_signing_alg_values_supported: signatures,
  token_endpoint_auth_methods_supported: [...confidential, "none"],
  token_endpoint_auth_signing_alg_values_supported: assertionAlgorithms,
  introspection_endpoint_auth_methods_supported: confidential,
  introspection_endpoint_auth_signing_alg_values_supported: assertionAlgorithms,
  revocation_endpoint_auth_methods_supported: [...confidential, "none"],
  revocation_endpoint_auth_signing_alg_values_supported: assertionAlgorithms,
  code_challenge_methods_supported: ["S256"],
  prompt_values_supported: ["none", "login", "consent", "select_account"],
  display_values_supported: ["page"],
  claim_types_supported: ["normal"],
  claims_supported: [
    ...["sub", "iss", "aud", "exp", "iat", "auth_time", "nonce", "acr", "amr", "azp"],
    ...[
      "at_hash",
      "ds_hash",
      "sid",
      "name",
      "family_name",
      "given_name",
      "middle_name",
      "nickname",
    ],
    ...["preferred_username", "profile", "picture", "website", "gender", "birthdate"],
    ...["zoneinfo", "locale", "updated_at", "email", "email_verified", "address"],
    ...["phone_number", "phone_number_verified", "groups"],
  ],
  ui_locales_supported: ["en", "de"],
  dpop_signing_alg_values_supported: signatures,
  require_pushed_authorization_requests: false,
  authorization_response_iss_parameter_supported: true,
  claims_parameter_supported: true,
  native_sso_supported: true,
  protected_resources: [`${issuer}/api/v1`],
  identity_chaining_requested_token_types_supported: ["urn:ietf:params:oauth:token-type:id-jag"],
  request_parameter_supported: true,
  request_uri_parameter_supported: true,
  require_request_uri_registration: true,
  authorization_signing_alg_values_supported: signatures,
  userinfo_signing_alg_values_supported: signatures,
  introspection_signing_alg_values_supported: signatures,
  ...Object.fromEntries(
    ["id_token", "userinfo", "introspection", "authorization"].flatMap((answer) => [
      [`${answer}_encryption_alg_values_supported`, [
        ...["ECDH-ES", "ECDH-ES+A128KW", "ECDH-ES+A192KW", "ECDH-ES+A256KW"],
        ...["RSA-OAEP", "RSA-OAEP-256"],
      ]],
      [`${answer}_encryption_enc_values_supported`, [
        ...["A128CBC-HS256", "A192CBC-HS384", "A256CBC-HS512", "A128GCM", "A256GCM"],
      ]],
    ]),
  ),
  request_object_signing_alg_values_supported: ["none", ...signatures],
  request_object_encryption_alg_values_supported: [
    ...["ECDH-ES", "ECDH-ES+A128KW", "ECDH-ES+A192KW", "ECDH-ES+A256KW", "RSA-OAEP-256"],
  ],
  request_object_encryption_enc_values_supported: [
    ...["A128CBC-HS256", "A192CBC-HS384", "A256CBC-HS512", "A128GCM", "A256GCM"],
  ],
  require_signed_request_object: false,
  check_session_iframe: `${issuer}/session/check`,
  backchannel_logout_supported: true,
  backchannel_logout_session_supported: true,
  frontchannel_logout_supported: true,
  frontchannel_logout_session_supported: true,
};

async function readKeys(provider: TestProvider): Promise<Record<string, unknown>[]> {
  return (await (await provider.request("/.well-known/jwks.json")).json()).keys;
}

async function readKids(provider: TestProvider, alg: string): Promise<unknown[]> {
  return (await readKeys(provider)).filter((key) => key.alg === alg).map(({ kid }) => kid);
}

Deno.test("the discovery document lists exactly the features that work, at both well-known URLs", async () => {
  await using provider = await aProvider();
  for (const name of ["openid-configuration", "oauth-authorization-server"]) {
    const response = await provider.request(`/.well-known/${name}`);
    assertEquals(response.status, 200);
    assertEquals(response.headers.get("content-type"), "application/json");
    assertEquals(await response.json(), metadata, name);
  }
});

Deno.test("each endpoint in the discovery document exists", async () => {
  await using provider = await aProvider();
  const endpoints = Object.entries(metadata).filter(([name]) => /_endpoint$|^jwks_uri$/.test(name));
  for (const [name, url] of endpoints) {
    const path = new URL(String(url)).pathname;
    const { status } = await provider.request(path);
    const { status: posted } = await provider.post(path, {});
    assertEquals(status === 404 || posted === 404, false, name);
    assertEquals(status === 405 && posted === 405, false, name);
  }
});

Deno.test("discovery and JWKS may be cached for five minutes, and have ETags", async () => {
  await using provider = await aProvider();
  for (const name of ["openid-configuration", "oauth-authorization-server", "jwks.json"]) {
    const path = `/.well-known/${name}`;
    const first = await provider.request(path);
    assertEquals(first.headers.get("cache-control"), "public, max-age=300");
    const etag = first.headers.get("etag") ?? "";
    assertNotEquals(etag, "");
    const second = await provider.request(path, { headers: { "if-none-match": etag } });
    assertEquals([second.status, await second.text()], [304, ""]);
    const other = await provider.request(path, { headers: { "if-none-match": '"another"' } });
    assertEquals(other.status, 200);
  }
});

Deno.test("the JWKS shows each key's public part, and no member of a private one", async () => {
  await using provider = await aProvider();
  const keys = await readKeys(provider);
  assertEquals(new Set(keys.map(({ alg }) => alg)), new Set(["RS256", "ES256", "EdDSA"]));
  const members: Record<string, string[]> = {
    RSA: ["alg", "e", "kid", "kty", "n", "use"],
    EC: ["alg", "crv", "kid", "kty", "use", "x", "y"],
    OKP: ["alg", "crv", "kid", "kty", "use", "x"],
  };
  for (const key of keys) {
    assertEquals(Object.keys(key).sort(), members[String(key.kty)]);
    assertEquals(key.use, "sig");
  }
  assertEquals(new Set(keys.map(({ kid }) => kid)).size, keys.length);
});

Deno.test("the next key is published before it signs, a retired one until its last token has expired", async () => {
  await using provider = await aProvider();
  const { deps, clock } = provider;
  const etag = async () =>
    (await provider.request("/.well-known/jwks.json")).headers.get("etag") ?? "";
  const before = await etag();
  const next = await newSigningKey(deps, "ES256", clock.seconds());
  await deps.kv.step(systemOrigin, (tx) => signingKeys.add(tx, next));
  assertEquals((await readKids(provider, "ES256")).includes(next.kid), true);
  assertNotEquals(await etag(), before);

  const old = await deps.kv.step(systemOrigin, async (tx) => {
    const { provider: record } = await tx.read({ provider: providers.ref() });
    if (record.value === null) throw new Error("no provider record");
    const kid = record.value.activeKeys.ES256;
    const { key } = await tx.read({ key: signingKeys.ref(kid) });
    if (key.value === null) throw new Error("no active key");
    signingKeys.retire(tx, key, { publishedUntil: tx.now + 3600, expiresAt: tx.now + 86_400 });
    providers.activateKeys(tx, record, { ES256: next.kid });
    return kid;
  });
  assertEquals((await readKids(provider, "ES256")).includes(old), true);
  clock.advance(3599);
  assertEquals((await readKids(provider, "ES256")).includes(old), true);
  clock.advance(1);
  assertEquals((await readKids(provider, "ES256")).includes(old), false);
  assertEquals((await readKids(provider, "ES256")).includes(next.kid), true);
});

Deno.test("every key that signs is in the JWKS", async () => {
  await using provider = await aProvider();
  const { id_token } = await signIn(provider);
  const { kid = "", alg = "" } = decodeProtectedHeader(id_token);
  assertEquals((await readKids(provider, alg)).includes(kid), true);
});
