import { assertEquals } from "@std/assert";
import { exportJWK, generateKeyPair, type JWK } from "jose";
import { anAdminApi } from "../admin/api.ts";
import { callback, register } from "../registration/registration.ts";
import { aClient, aKeyClient } from "../support/clients.ts";
import { aClientKey } from "../support/client_assertion.ts";
import { aProvider } from "../support/provider.ts";
import { answerOf } from "../support/tokens.ts";

async function aKey(alg: string, options: Parameters<typeof generateKeyPair>[1] = {}) {
  const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true, ...options });
  return { publicJwk: await exportJWK(publicKey), privateJwk: await exportJWK(privateKey) };
}

/** WebCrypto makes no weak keys with jose. */
async function anRsaKey(modulusLength: number, exponent = [1, 0, 1]): Promise<JWK> {
  const { publicKey } = await crypto.subtle.generateKey(
    {
      name: "RSASSA-PKCS1-v1_5",
      modulusLength,
      publicExponent: new Uint8Array(exponent),
      hash: "SHA-256",
    },
    true,
    ["sign", "verify"],
  );
  return await crypto.subtle.exportKey("jwk", publicKey) as JWK;
}

/** Sets of keys that nobody may register, and what is wrong with each. */
async function unusableSets(): Promise<Readonly<Record<string, readonly unknown[]>>> {
  const { publicJwk: ec, privateJwk } = await aKey("ES256");
  const { publicJwk: p384 } = await aKey("ES384");
  const { publicJwk: rsa, privateJwk: privateRsa } = await aKey("RS256");
  const { publicJwk: ed } = await aKey("Ed25519");
  const { alg: _, ext: __, key_ops: ___, ...weak } = await anRsaKey(1024);
  return {
    "no keys": [],
    "a private key": [privateJwk],
    "a private key beside a public one": [ec, privateRsa],
    "one part of a private key": [{ ...rsa, dp: privateRsa.dp }],
    "a symmetric key": [{ kty: "oct", k: "c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0" }],
    "a symmetric key without its value beside a good key": [{ kty: "oct", kid: "mac" }, ec],
    "a symmetric key that says it is another": [{ ...ec, k: "c2VjcmV0" }],
    "a point beside its curve": [{ ...ec, y: ec.x }],
    "a point of another curve": [{ ...ec, crv: "P-384" }],
    "a point at infinity": [{ ...ec, x: "", y: "" }],
    "a coordinate that is no base64url": [{ ...ec, x: "!" }],
    "half a point": [{ kty: "EC", crv: "P-256", x: ec.x }],
    "a curve that is not for signatures here": [{ ...ec, crv: "secp256k1" }],
    "a curve that does not exist": [{ ...ec, crv: "P-255" }],
    "no curve": [{ kty: "EC", x: ec.x, y: ec.y }],
    "a curve of another kind of key": [{ ...ec, kty: "OKP" }],
    "a short octet key": [{ ...ed, x: "AQAB" }],
    "Ed448": [{ ...ed, crv: "Ed448" }],
    "RSA of 1024 bits": [weak],
    "RSA of 24 bits": [{ ...rsa, n: "AQAB" }],
    "RSA with the exponent 1": [{ ...rsa, e: "AQ" }],
    "RSA with an even exponent": [{ ...rsa, e: "AAAC" }],
    "RSA with an even modulus": [{ ...rsa, n: `${rsa.n?.slice(0, -2)}AA` }],
    "RSA without a modulus": [{ kty: "RSA", e: "AQAB" }],
    "an alg of another curve": [{ ...ec, alg: "ES384" }],
    "an alg of another kind of key": [{ ...rsa, alg: "ES256" }],
    "an alg that is a MAC": [{ ...rsa, alg: "HS256" }],
    "alg none": [{ ...rsa, alg: "none" }],
    "an alg that nobody knows": [{ ...ec, alg: "ES999" }],
    "RSA1_5": [{ ...rsa, alg: "RSA1_5" }],
    "a good key beside a bad one": [p384, { ...ec, y: ec.x }],
    "two keys with one kid": [{ ...ec, kid: "1" }, { ...p384, kid: "1" }],
    "the same key twice": [{ ...ec, kid: "1" }, { ...ec, kid: "1" }],
    "more than twenty keys": Array.from({ length: 21 }, () => ec),
    "only a key of a type that is not used here": [{ kty: "AKP", alg: "ML-DSA-44", pub: "AQAB" }],
    "a private key of such a type beside a good key": [{ kty: "AKP", pub: "AQ", priv: "AQ" }, ec],
    "no type": [{ x: ec.x }, ec],
    "no object": ["key"],
    "null": [null],
  };
}

Deno.test("keys that cannot verify anything are registered by nobody", async () => {
  await using provider = await aProvider({ config: { registration: "open" } });
  await using server = await anAdminApi({});
  for (const [name, keys] of Object.entries(await unusableSets())) {
    const jwks = { keys };
    const { status, body } = await register(provider, {
      redirect_uris: [callback],
      token_endpoint_auth_method: "private_key_jwt",
      jwks,
    });
    assertEquals([status, body.error], [400, "invalid_client_metadata"], name);
    assertEquals(/^jwks[ .]/.test(body.error_description), true, body.error_description);
    const made = await server.post("/clients", aKeyClient("app", { jwks }));
    assertEquals(made.status, 422, `${name}, by the admin API`);
  }
});

Deno.test("a key of a type that is not used here does not void the others", async () => {
  await using provider = await aProvider({ config: { registration: "open" } });
  const { publicJwk } = await aKey("ES256");
  const { status, body } = await register(provider, {
    redirect_uris: [callback],
    token_endpoint_auth_method: "private_key_jwt",
    jwks: { keys: [{ kty: "AKP", alg: "ML-DSA-44", kid: "pq", pub: "AQAB" }, publicJwk] },
  });
  assertEquals([status, body.jwks], [201, { keys: [publicJwk] }]);
});

Deno.test("keys for every algorithm are registered, of each size", async () => {
  await using provider = await aProvider({ config: { registration: "open" } });
  const algorithms = ["RS256", "PS256", "ES256", "ES384", "EdDSA", "Ed25519", "RSA-OAEP-256"];
  const keys: Record<string, unknown>[] = [];
  for (const alg of algorithms) {
    const { publicJwk } = await aKey(alg);
    keys.push({ ...publicJwk, kid: alg, alg }, { ...publicJwk, kid: `${alg} without alg` });
  }
  const { publicJwk: x25519 } = await aKey("ECDH-ES", { crv: "X25519" });
  const { publicJwk: ecdh } = await aKey("ECDH-ES+A128KW", { crv: "P-256" });
  keys.push({ ...x25519, use: "enc" }, { ...ecdh, use: "enc", alg: "ECDH-ES+A128KW" });
  const { alg: _, ext: __, key_ops: ___, ...large } = await anRsaKey(3072);
  keys.push(large);
  const { status, body } = await register(provider, {
    redirect_uris: [callback],
    token_endpoint_auth_method: "private_key_jwt",
    jwks: { keys },
  });
  assertEquals([status, body.error_description], [201, undefined]);
  assertEquals(body.jwks.keys.length, keys.length);
});

Deno.test("a client that authenticates by its keys has one for signatures", async () => {
  const { publicJwk: ec } = await aKey("ES256");
  const { publicJwk: x25519 } = await aKey("ECDH-ES", { crv: "X25519" });
  const useless = [{ ...ec, use: "enc" }, x25519, { ...ec, alg: "ECDH-ES" }, {
    ...ec,
    key_ops: ["deriveKey"],
  }];
  await using server = await anAdminApi({ config: { registration: "open" } });
  const outcomes = async (keys: readonly unknown[]) => {
    const jwks = { keys };
    const { status, body } = await register(server.provider, {
      redirect_uris: [callback],
      token_endpoint_auth_method: "private_key_jwt",
      jwks,
    });
    const made = await server.post("/clients", aKeyClient(`app${count++}`, { jwks }));
    return [status, made.status, body.error_description];
  };
  let count = 0;
  const problem =
    "jwks must hold a key for signatures: private_key_jwt cannot use one for encryption";
  for (const key of useless) {
    assertEquals(await outcomes([key]), [400, 422, problem], JSON.stringify(key));
  }
  assertEquals(await outcomes([...useless, { ...ec, use: "sig" }]), [201, 201, undefined]);
});

Deno.test("a client has a key for each signature that it registers for", async () => {
  const { publicJwk: ec } = await aKey("ES256");
  const { publicJwk: rsa } = await aKey("RS256");
  const { publicJwk: x25519 } = await aKey("ECDH-ES", { crv: "X25519" });
  const [rs256, sealing] = [{ ...rsa, alg: "RS256" }, { ...rsa, use: "enc" }];
  const keyMethod = { token_endpoint_auth_method: "private_key_jwt", client_secret: undefined };
  const fapi = { ...keyMethod, profile: "fapi2", redirect_uris: ["https://app.example/cb"] };
  const signed = { require_signed_request_object: true };
  /** Metadata, keys of which none will do, one that does, and the member that is named. */
  const table: [Record<string, unknown>, unknown[], unknown, string][] = [
    [{ ...keyMethod, token_endpoint_auth_signing_alg: "ES256" }, [rsa, x25519], ec, "jwks"],
    [{ ...keyMethod, token_endpoint_auth_signing_alg: "PS256" }, [rs256, ec], rsa, "jwks"],
    [fapi, [rs256, sealing], { ...rsa, alg: "PS256" }, "jwks"],
    [
      { request_object_signing_alg: "ES256" },
      [rsa, { ...ec, use: "enc" }],
      ec,
      "request_object_signing_alg",
    ],
    [signed, [sealing, x25519], rsa, "require_signed_request_object"],
  ];
  await using server = await anAdminApi();
  let count = 0;
  const register = async (metadata: Record<string, unknown>) => {
    const { status, body } = await server.post("/clients", aClient(`app${count++}`, metadata));
    return [status, body.errors?.map(({ pointer }: { pointer: string }) => pointer)];
  };
  for (const [metadata, unusable, usable, member] of table) {
    const name = JSON.stringify(metadata);
    assertEquals(
      await register({ ...metadata, jwks: { keys: unusable } }),
      [422, [`/${member}`]],
      name,
    );
    const keys = [...unusable, usable];
    assertEquals(await register({ ...metadata, jwks: { keys } }), [201, undefined], name);
    // Which keys are there is known only when they are fetched.
    const jwks_uri = "https://app.example/jwks";
    assertEquals(await register({ ...metadata, jwks_uri }), [201, undefined], name);
  }
  assertEquals(await register(signed), [422, ["/require_signed_request_object"]]);
  const alg = { request_object_signing_alg: "ES256" };
  assertEquals(await register({ ...signed, ...alg }), [422, ["/request_object_signing_alg"]]);
});

Deno.test("a key that may verify among other things verifies", async () => {
  const allowed = [["verify"], ["sign", "verify"], ["verify", "verify"], ["verify", "encrypt"]];
  const apps = await Promise.all(allowed.map(async (key_ops) => {
    const key = await aClientKey();
    const members = {
      jwks: { keys: [{ ...key.publicJwk, key_ops }] },
      grant_types: ["client_credentials"],
    };
    return { key, client: aKeyClient(`app-${key_ops.join("-")}`, members) };
  }));
  await using provider = await aProvider({ clients: apps.map(({ client }) => client) });
  for (const { key, client: { client_id } } of apps) {
    const form = await key.form(provider, client_id);
    const answer = await provider.post("/token", { grant_type: "client_credentials", ...form });
    assertEquals(await answerOf(answer), "200", client_id);
  }
});
