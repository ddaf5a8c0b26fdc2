import { assertEquals } from "@std/assert";
import { decodeJwt, exportSPKI, generateKeyPair, SignJWT } from "jose";
import { anAdminApi } from "../admin/api.ts";
import {
  aClientKey,
  type AssertionOptions,
  type ClientKey,
  secretAssertion,
} from "../support/client_assertion.ts";
import { aClient, aKeyClient } from "../support/clients.ts";
import { defaultConfig } from "../support/config.ts";
import { aProvider, type TestProvider } from "../support/provider.ts";
import { auditTrail } from "../support/records.ts";
import { answerOf } from "../support/tokens.ts";
import { testWeb } from "../support/web.ts";
import { isOlderDeno } from "../support/newer_deno.ts";

const machine = { grant_types: ["client_credentials"], redirect_uris: [] };

function aMachine(id: string, key: ClientKey, members: Record<string, unknown> = {}) {
  return aKeyClient(id, { ...machine, jwks: { keys: [key.publicJwk] }, ...members });
}

async function ask(provider: TestProvider, form: Record<string, string>) {
  return await answerOf(
    await provider.post("/token", { grant_type: "client_credentials", ...form }),
  );
}

/** Assertions that a client's right key has signed, and what is wrong with each. */
function attacks(provider: TestProvider): Readonly<Record<string, AssertionOptions>> {
  const { issuer } = provider.deps.config;
  const now = provider.clock.seconds();
  return {
    "several audiences": { claims: { aud: [issuer, "https://other.example"] } },
    "a list of one audience": { claims: { aud: [issuer] } },
    "another server's audience": { claims: { aud: "https://other.example" } },
    "another endpoint's audience": { claims: { aud: `${issuer}/introspect` } },
    "an endpoint that no client calls": { claims: { aud: `${issuer}/authorize` } },
    "the issuer with a slash": { claims: { aud: `${issuer}/` } },
    "no audience": { claims: { aud: undefined } },
    "no end": { claims: { exp: undefined } },
    "an end long ago": { claims: { exp: now - 31 } },
    "an end too far away": { claims: { exp: now + 700 } },
    "an end that is no number": { claims: { exp: "soon" } },
    "a beginning in the future": { claims: { nbf: now + 60 } },
    "made in the future": { claims: { iat: now + 60 } },
    "no jti": { claims: { jti: undefined } },
    "an empty jti": { claims: { jti: "" } },
    "a long jti": { claims: { jti: "x".repeat(257) } },
    "a jti that is no text": { claims: { jti: 7 } },
    "another issuer": { claims: { iss: "other" } },
    "no issuer": { claims: { iss: undefined } },
    "another subject": { claims: { sub: "other" } },
    "another client": { claims: { iss: "other", sub: "other" } },
    "the type of a DPoP proof": { header: { typ: "dpop+jwt" } },
    "the type of an access token": { header: { typ: "at+jwt" } },
    "a key that is not registered": { header: { kid: "2" } },
    "an extension that must be understood": { header: { crit: ["x"], x: 1 } },
  };
}

Deno.test("an assertion is refused if a claim or its header is wrong, and nothing is spent", async () => {
  const key = await aClientKey();
  await using provider = await aProvider({
    clients: [aMachine("app", key), aMachine("other", await aClientKey())],
  });
  for (const [name, options] of Object.entries(attacks(provider))) {
    assertEquals(
      await ask(provider, await key.form(provider, "app", options)),
      "401 invalid_client",
      name,
    );
  }
  const { issuer } = provider.deps.config;
  const now = provider.clock.seconds();
  const harmless: Readonly<Record<string, AssertionOptions>> = {
    "the token endpoint as audience": { claims: { aud: `${issuer}/token` } },
    "the endpoint for pushed requests as audience": { claims: { aud: `${issuer}/par` } },
    "the endpoint for requests to users elsewhere as audience": {
      claims: { aud: `${issuer}/backchannel_authentication` },
    },
    "a clock that is ten seconds ahead": { claims: { iat: now + 10, nbf: now + 10 } },
    "without iat": { claims: { iat: undefined } },
    "the type of RFC 7523bis": { header: { typ: "client-authentication+jwt" } },
    "the type of any JWT": { header: { typ: "JWT" } },
  };
  for (const [name, options] of Object.entries(harmless)) {
    assertEquals(await ask(provider, await key.form(provider, "app", options)), "200", name);
  }
});

Deno.test("neither `none` nor an HMAC of a public key authenticates, whatever the header says", async () => {
  const key = await aClientKey("RS256");
  await using provider = await aProvider({ clients: [aMachine("app", key)] });
  const form = await key.form(provider, "app");
  const [, payload = "", signature = ""] = (form.client_assertion ?? "").split(".");
  const header = (value: unknown) => btoa(JSON.stringify(value)).replace(/=+$/, "");
  const claims = decodeJwt(form.client_assertion ?? "");
  const hmacs = [
    await exportSPKI(key.publicKey),
    JSON.stringify(key.publicJwk),
    String(key.publicJwk.n),
  ].map((secret) =>
    new SignJWT(claims).setProtectedHeader({ alg: "HS256", kid: "1" })
      .sign(new TextEncoder().encode(secret))
  );
  const own = await generateKeyPair("ES256", { extractable: true });
  const embedded = await aClientKey();
  const forged = [
    `${header({ alg: "none" })}.${payload}.`,
    `${header({ alg: "None", kid: "1" })}.${payload}.${signature}`,
    `${header({ alg: "RS256", kid: "1" })}.${payload}.`,
    `${header({ alg: "PS256", kid: "1" })}.${payload}.${signature}`,
    ...await Promise.all(hmacs),
    // A key in the header is the sender's, whoever that is.
    await new SignJWT(claims).setProtectedHeader({ alg: "ES256", jwk: embedded.publicJwk })
      .sign(own.privateKey),
    "x.y.z",
    "a".repeat(9000),
  ];
  for (const client_assertion of forged) {
    assertEquals(
      await ask(provider, { ...form, client_assertion }),
      "401 invalid_client",
      client_assertion.slice(0, 60),
    );
  }
  assertEquals(await ask(provider, form), "200", "nothing was spent");
});

Deno.test("a registered algorithm is the only one", async () => {
  const key = await aClientKey("PS256");
  const rs256 = { token_endpoint_auth_signing_alg: "RS256" };
  const ps256 = { token_endpoint_auth_signing_alg: "PS256" };
  await using provider = await aProvider({
    clients: [aMachine("rs", key, rs256), aMachine("ps", key, ps256), aMachine("any", key)],
  });
  assertEquals(await ask(provider, await key.form(provider, "rs")), "401 invalid_client");
  assertEquals(await ask(provider, await key.form(provider, "ps")), "200");
  assertEquals(await ask(provider, await key.form(provider, "any")), "200");
});

Deno.test("each algorithm that discovery names works", async () => {
  // Deno 2.5 cannot sign with a key on P-521.
  const es512 = isOlderDeno ? [] : ["ES512"];
  for (const name of ["RS256", "PS256", "ES256", "ES384", ...es512, "EdDSA", "Ed25519"]) {
    const key = await aClientKey(name);
    await using provider = await aProvider({ clients: [aMachine("app", key)] });
    assertEquals(await ask(provider, await key.form(provider, "app")), "200", name);
  }
});

Deno.test("a published key that is no key authenticates nobody, counts as a failure, and does not void the others", async () => {
  const key = await aClientKey("ES256", null);
  const { kty, crv, x, y } = key.publicJwk;
  const rsa = await aClientKey("RS256", null);
  const okp = await aClientKey("Ed25519", null);
  const limits = { ...defaultConfig.limits, clientAuthentication: { count: 1, seconds: 60 } };
  const broken: readonly (readonly [ClientKey, Record<string, unknown>])[] = [
    [key, { kty, crv, x, y: x }],
    [key, { kty, crv, x: "x", y }],
    [key, { kty, crv, x: "!", y }],
    [key, { kty, crv, x }],
    [key, { kty, crv, x: "", y: "" }],
    [rsa, { kty: "RSA", n: "!", e: "AQAB" }],
    [rsa, { kty: "RSA", n: "AQAB", e: "AQAB" }],
    [rsa, { kty: "RSA", e: "AQAB" }],
    [okp, { kty: "OKP", crv: "Ed25519", x: "AQAB" }],
    [okp, { kty: "OKP", crv: "Ed25519" }],
  ];
  for (const [signer, jwk] of broken) {
    const web = testWeb();
    const at = (id: string, keys: unknown[]) => {
      const jwks_uri = `https://keys.example/${id}`;
      web.publish(jwks_uri, JSON.stringify({ keys }));
      return aMachine(id, key, { jwks: undefined, jwks_uri });
    };
    await using provider = await aProvider({
      clients: [at("alone", [jwk]), at("beside", [jwk, signer.publicJwk])],
      config: { rateLimits: true, limits },
      transport: web,
    });
    const found = [];
    for (const id of ["alone", "alone", "beside"]) {
      found.push(await ask(provider, await signer.form(provider, id)));
    }
    const refused = ["401 invalid_client", "429 temporarily_unavailable"];
    assertEquals(found, [...refused, "200"], JSON.stringify(jwk));
  }
});

Deno.test("each of the first five keys that fit an assertion without a kid is tried", async () => {
  const keys = [];
  for (const _ of "123456") keys.push(await aClientKey("ES256", null));
  const jwks = { keys: keys.map(({ publicJwk }) => publicJwk) };
  const [first] = keys;
  if (first === undefined) throw new Error("no key");
  await using provider = await aProvider({ clients: [aMachine("app", first, { jwks })] });
  const found = [];
  for (const key of [...keys, await aClientKey("ES256", null)]) {
    found.push(await ask(provider, await key.form(provider, "app")));
  }
  const refused = "401 invalid_client";
  assertEquals(found, ["200", "200", "200", "200", "200", refused, refused]);
});

Deno.test("an assertion is the only credential of its request, and agrees with client_id", async () => {
  const key = await aClientKey();
  await using provider = await aProvider({ clients: [aMachine("app", key), aClient("shop")] });
  const form = await key.form(provider, "app");
  assertEquals(await ask(provider, { ...form, client_secret: "x" }), "400 invalid_request");
  assertEquals(await ask(provider, { ...form, client_id: "shop" }), "401 invalid_client");
  const { client_assertion = "", client_assertion_type = "" } = form;
  assertEquals(await ask(provider, { client_assertion }), "400 invalid_request");
  assertEquals(await ask(provider, { client_assertion_type }), "400 invalid_request");
  const saml = "urn:ietf:params:oauth:client-assertion-type:saml2-bearer";
  assertEquals(
    await ask(provider, { client_assertion, client_assertion_type: saml }),
    "401 invalid_client",
  );
  const basic = { authorization: "Basic YXBwOng=" };
  const both = await provider.post("/token", { grant_type: "client_credentials", ...form }, basic);
  assertEquals(await answerOf(both), "400 invalid_request");
  assertEquals(await ask(provider, { ...form, client_id: "app" }), "200");
});

Deno.test("a used assertion leaves an event of a failed authentication", async () => {
  const key = await aClientKey();
  await using provider = await aProvider({ clients: [aMachine("app", key)] });
  const form = await key.form(provider, "app");
  assertEquals(await ask(provider, form), "200");
  assertEquals(await ask(provider, form), "401 invalid_client");
  const failures = (await auditTrail(provider)).filter(({ type }) =>
    type === "client_authentication_failed"
  );
  assertEquals(failures.map(({ reason, clientId }) => ({ reason, clientId })), [
    { reason: "client_assertion_used", clientId: "app" },
  ]);
});

Deno.test("with other keys the old ones are dead, and a code of before is not exchanged", async () => {
  const key = await aClientKey();
  const next = await aClientKey();
  const client = aMachine("app", key, {
    grant_types: ["authorization_code", "client_credentials"],
    redirect_uris: ["https://app.example/callback"],
  });
  await using server = await anAdminApi({ clients: [client] });
  const { provider } = server;
  const code = await provider.authorize({ client: "app" });
  const changed = await server.patch("/clients/app", { jwks: { keys: [next.publicJwk] } });
  assertEquals(changed.status, 200);
  assertEquals(await ask(provider, await key.form(provider, "app")), "401 invalid_client");
  assertEquals(await ask(provider, await next.form(provider, "app")), "200");
  const parameters = await next.form(provider, "app");
  const exchanged = await provider.exchange(code, { client: "app", parameters });
  assertEquals(await answerOf(exchanged), "400 invalid_grant");
});

Deno.test("after a rotation two secrets work until the older one's end, and codes of before stay good", async () => {
  const secret = "Zk3vQ9xT7mLw2pRb8nYc5dHsZk3vQ9xT7mLw2pRb8nYc5dHs";
  const grant_types = ["authorization_code", "client_credentials"];
  for (const method of ["client_secret_basic", "client_secret_jwt"]) {
    await using server = await anAdminApi({
      clients: [aClient("app", {
        grant_types,
        client_secret: secret,
        token_endpoint_auth_method: method,
      })],
    });
    const { provider } = server;
    const credentials = async (text: string): Promise<Record<string, string>> =>
      method === "client_secret_basic"
        ? { client_id: "app", client_secret: text }
        : await secretAssertion(provider, "app", text);
    const works = async (text: string) => await ask(provider, await credentials(text)) === "200";
    const rotate = async (body?: unknown) =>
      (await server.post("/clients/app/rotate-secret", body)).body.client_secret as string;
    const parameters = { client_id: undefined, client_secret: undefined };
    const exchange = async (code: string, text: string) =>
      await answerOf(
        await provider.exchange(code, {
          client: "app",
          parameters: { ...parameters, ...await credentials(text) },
        }),
      );

    const code = await provider.authorize({ client: "app" });
    const second = await rotate({ previous_secret_lifetime: 600 });
    assertEquals([await works(secret), await works(second)], [true, true]);
    assertEquals(await exchange(code, second), "200", method);
    // What an administrator changes otherwise leaves both as they are.
    assertEquals((await server.patch("/clients/app", { client_name: "App" })).status, 200);
    assertEquals([await works(secret), await works(second)], [true, true]);
    provider.clock.advance(601);
    assertEquals([await works(secret), await works(second)], [false, true]);

    await server.renewToken();
    const third = await rotate({ previous_secret_lifetime: 600 });
    const before = await provider.authorize({ client: "app" });
    const fourth = await rotate();
    assertEquals([await works(second), await works(third), await works(fourth)], [
      false,
      false,
      true,
    ]);
    assertEquals(await exchange(before, fourth), "400 invalid_grant", "its secret is dead");
  }
});
