import { assertEquals } from "@std/assert";
import { createLocalJWKSet, decodeJwt, decodeProtectedHeader, jwtVerify } from "jose";
import { aClient } from "../support/clients.ts";
import { aProvider, issuer, type TestProvider } from "../support/provider.ts";
import { answerOf, introspect, tokensOf, userinfo } from "../support/tokens.ts";

const [opaque, signed, other] = [
  "https://opaque.example",
  "https://signed.example",
  "https://other.example",
];
const options = {
  resources: [
    { resource: opaque, scopes: ["read", "write", "admin"] },
    { resource: signed, scopes: ["sign"], access_token_format: "jwt" },
    { resource: other, scopes: ["sign"], access_token_format: "jwt" },
  ],
  clients: [
    aClient("machine", {
      grant_types: ["client_credentials"],
      redirect_uris: [],
      scope: "openid email read write sign",
    }),
  ],
};

function ask(provider: TestProvider, scope: string | undefined, ...resources: string[]) {
  const body = new URLSearchParams({
    grant_type: "client_credentials",
    ...provider.credentials("machine"),
    ...(scope === undefined ? {} : { scope }),
  });
  for (const resource of resources) body.append("resource", resource);
  return provider.request("/token", { method: "POST", body });
}

Deno.test("a client gets the scopes of a resource that it is registered for, and no others", async () => {
  await using provider = await aProvider(options);
  const table: [string | undefined, string[], string][] = [
    [undefined, [opaque], "read write"],
    ["read", [opaque], "read"],
    ["write read write", [opaque], "write read"],
    ["admin", [opaque], "400 invalid_scope"],
    ["sign", [opaque], "400 invalid_scope"],
    ["openid", [opaque], "400 invalid_scope"],
    ["email", [], "400 invalid_scope"],
    ["read", [], "400 invalid_scope"],
    [undefined, [], ""],
    [undefined, [other], "sign"],
    [undefined, [signed, other], "400 invalid_target"],
    ["read", ["https://unknown.example"], "400 invalid_target"],
    ["read", ["opaque.example"], "400 invalid_target"],
    ["read", [`${opaque}#fragment`], "400 invalid_target"],
    ["read", [`${opaque}/`], "read"],
    ["read", [`${opaque}/x`], "400 invalid_target"],
    ["read", [1, 2, 3, 4, 5].map((n) => `${opaque}/${n}`), "400 invalid_request"],
    [undefined, [opaque, signed], "400 invalid_target"],
  ];
  for (const [scope, resources, expected] of table) {
    const response = await ask(provider, scope, ...resources);
    const answer = response.status === 200
      ? (await tokensOf(response)).scope
      : await answerOf(response);
    assertEquals(answer, expected, `${scope} for ${resources}`);
  }
});

Deno.test("a client's own token comes without refresh token, ID token and user", async () => {
  await using provider = await aProvider(options);
  const response = await ask(provider, "read", opaque);
  assertEquals(response.headers.get("cache-control"), "no-store");
  const body = await response.json();
  assertEquals(Object.keys(body).sort(), ["access_token", "expires_in", "scope", "token_type"]);

  const { jti, ...metadata } = await introspect(provider, body.access_token);
  const now = provider.clock.seconds();
  assertEquals(typeof jti, "string");
  assertEquals(metadata, {
    active: true,
    client_id: "machine",
    sub: "machine",
    scope: "read",
    aud: opaque,
    iss: issuer,
    token_type: "Bearer",
    iat: now,
    nbf: now,
    exp: now + 3600,
  });
  assertEquals((await userinfo(provider, body.access_token)).status, 401);
  provider.clock.advance(3600);
  assertEquals(await introspect(provider, body.access_token), { active: false });
});

Deno.test("a resource with JWT access tokens gets them in the format of RFC 9068", async () => {
  await using provider = await aProvider(options);
  const { access_token } = await tokensOf(await ask(provider, "sign", signed));
  const jwks = await (await provider.request("/.well-known/jwks.json")).json();
  const { payload, protectedHeader } = await jwtVerify(access_token, createLocalJWKSet(jwks), {
    issuer,
    audience: signed,
    typ: "at+jwt",
    currentDate: new Date(provider.clock.milliseconds()),
  });
  assertEquals(protectedHeader.alg, "RS256");
  assertEquals(Object.keys(protectedHeader).sort(), ["alg", "kid", "typ"]);
  const { jti, ...claims } = payload;
  assertEquals(typeof jti, "string");
  const now = provider.clock.seconds();
  assertEquals(claims, {
    iss: issuer,
    sub: "machine",
    aud: signed,
    client_id: "machine",
    scope: "sign",
    iat: now,
    exp: now + 3600,
  });
  assertEquals((await introspect(provider, access_token)).jti, jti);
});

Deno.test("a JWT access token can be revoked at once, like any other", async () => {
  await using provider = await aProvider(options);
  const { access_token } = await tokensOf(await ask(provider, "sign", signed));
  const { access_token: kept } = await tokensOf(await ask(provider, "sign", signed));
  await provider.post("/revoke", { token: access_token, ...provider.credentials() });
  assertEquals(await introspect(provider, access_token), { active: false });
  assertEquals((await introspect(provider, kept)).active, true);
});

Deno.test("a JWT with a changed signature is refused", async () => {
  await using provider = await aProvider(options);
  const { access_token } = await tokensOf(await ask(provider, "sign", signed));
  const [header = "", payload = "", signature = ""] = access_token.split(".");
  const unsigned = btoa(JSON.stringify({ ...decodeProtectedHeader(access_token), alg: "none" }))
    .replace(/=+$/, "");
  const admin = btoa(JSON.stringify({ ...decodeJwt(access_token), scope: "admin" }))
    .replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
  const forged = [
    `${unsigned}.${payload}.`,
    `${header}.${admin}.${signature}`,
    `${header}.${payload}.${signature.slice(0, -4)}AAAA`,
    `${header}.${payload}.`,
    `${header}.${payload}`,
  ];
  for (const token of forged) {
    assertEquals(await introspect(provider, token), { active: false }, token);
  }
});
