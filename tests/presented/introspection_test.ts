import { assertEquals, assertNotEquals } from "@std/assert";
import { anAdminApi } from "../admin/api.ts";
import { aCertificate, behindProxy, verified } from "../support/certificate.ts";
import { aClient, aPublicClient, basicHeader } from "../support/clients.ts";
import { aProvider, issuer } from "../support/provider.ts";
import { deleteUser, editUser, snapshot } from "../support/records.ts";
import { answerOf, introspect, signIn, signInOffline, tokensOf } from "../support/tokens.ts";

const api = "https://api.example";

Deno.test("a client gets all details of its own access token", async () => {
  await using provider = await aProvider();
  const { access_token } = await signIn(provider);
  const { sub, jti, ...metadata } = await introspect(provider, access_token);
  const now = provider.clock.seconds();
  assertEquals(metadata, {
    active: true,
    client_id: "shop",
    username: "alice",
    scope: "openid profile email",
    token_type: "Bearer",
    iss: issuer,
    aud: issuer,
    iat: now,
    nbf: now,
    exp: now + 3600,
    auth_time: now,
    acr: "urn:latchkey:acr:1fa",
    amr: ["pwd"],
  });
  assertEquals(/^[A-Za-z0-9_-]{22}$/.test(String(sub)), true);
  assertNotEquals(String(jti), "");
});

Deno.test("a client gets the details of its newest refresh token, and older ones are inactive", async () => {
  await using provider = await aProvider();
  const first = await signInOffline(provider);
  const { sub: _, ...metadata } = await introspect(provider, first.refresh_token);
  const now = provider.clock.seconds();
  assertEquals(metadata, {
    active: true,
    client_id: "shop",
    username: "alice",
    scope: "openid profile email offline_access",
    iss: issuer,
    iat: now,
    exp: now + 30 * 86_400,
  });
  const second = await tokensOf(await provider.refresh(first.refresh_token));
  const before = await snapshot(provider.backend);
  assertEquals(await introspect(provider, first.refresh_token), { active: false });
  assertEquals((await introspect(provider, second.refresh_token)).active, true);
  // To look at an old token is no theft.
  assertEquals(await snapshot(provider.backend), before);
});

Deno.test("a client that asks again about a token shows its secret again, and an older secret has an end", async () => {
  await using api = await anAdminApi({ clients: [aClient("shop"), aClient("other")] });
  const { provider } = api;
  const { access_token: token } = await signIn(provider);
  const credentials = provider.credentials("shop");
  const ask = async (changed: Record<string, string> = {}) => {
    const response = await provider.post("/introspect", { token, ...credentials, ...changed });
    return response.status === 200 ? (await response.json()).active : await answerOf(response);
  };
  const rotation = { previous_secret_lifetime: 600 };
  const { body } = await api.post("/clients/shop/rotate-secret", rotation);
  const newest = { client_secret: body.client_secret };
  for (let n = 0; n < 3; n++) {
    assertEquals([await ask(), await ask(newest)], [true, true]);
    assertEquals(await ask({ client_secret: "not the secret of shop" }), "401 invalid_client");
    assertEquals(await ask(provider.credentials("other")), false);
  }
  provider.clock.advance(601); // which changes no record
  assertEquals([await ask(), await ask(newest)], ["401 invalid_client", true]);
});

Deno.test("an answer that is given again is the same, byte by byte, and none is given to who asks for a JWT", async () => {
  await using provider = await aProvider({ remembers: true });
  const { access_token: token } = await signIn(provider);
  const ask = async (accept = "application/json") => {
    const form = { token, ...provider.credentials() };
    const response = await provider.post("/introspect", form, { accept });
    return [response.headers.get("content-type"), await response.text()];
  };
  const first = await ask();
  assertEquals(first[1], JSON.stringify(JSON.parse(first[1] ?? "")));
  assertEquals([await ask(), await ask()], [first, first]);
  const signed = "application/token-introspection+jwt";
  assertEquals((await ask(signed))[0], signed);
  assertEquals(await ask(), first);
});

Deno.test("a client that asks again about a token is refused if its certificate has expired meanwhile", async () => {
  await using provider = await aProvider({ config: behindProxy });
  const { access_token: token } = await signIn(provider);
  const { header } = await aCertificate({ notAfter: provider.clock.seconds() + 60 });
  const ask = () =>
    provider.post("/introspect", { token, ...provider.credentials("shop") }, {
      ...header,
      ...verified,
    });
  for (let n = 0; n < 3; n++) assertEquals((await ask()).status, 200);
  provider.clock.advance(61);
  assertEquals(await answerOf(await ask()), "401 invalid_client");
});

Deno.test("a client without the profile scope does not learn the username", async () => {
  await using provider = await aProvider();
  const parameters = { scope: "openid offline_access" };
  const { access_token, refresh_token } = await signInOffline(provider, { parameters });
  for (const token of [access_token, refresh_token]) {
    const metadata = await introspect(provider, token);
    assertEquals(metadata.active, true);
    assertEquals(metadata.username, undefined);
  }
});

Deno.test("only the introspection clients of a resource get the details of tokens for it", async () => {
  await using provider = await aProvider({
    clients: [
      aClient("shop", { scope: "openid profile email read offline_access" }),
      aClient("api"),
      aClient("other-api"),
    ],
    resources: [
      { resource: api, scopes: ["read"], introspection_clients: ["api"] },
      { resource: "https://other.example", scopes: ["read"], introspection_clients: ["other-api"] },
    ],
  });
  const scope = "openid read offline_access";
  const forApi = await signIn(provider, { parameters: { scope, resource: api } });
  const forUserinfo = await signIn(provider);

  assertEquals((await introspect(provider, forApi.access_token, "api")).aud, api);
  assertEquals((await introspect(provider, forApi.access_token, "api")).client_id, "shop");
  assertEquals((await introspect(provider, forApi.access_token, "shop")).active, true);
  for (
    const [token, client] of [
      [forApi.access_token, "other-api"],
      [forApi.refresh_token, "api"],
      [forApi.refresh_token, "other-api"],
      [forUserinfo.access_token, "api"],
      [forApi.id_token, "shop"],
    ] as const
  ) {
    assertEquals(await introspect(provider, token, client), { active: false });
  }
});

Deno.test("the reason why a token is inactive is noted each time that a client asks", async () => {
  await using provider = await aProvider({ config: { environment: "development" } });
  const { access_token: token } = await signIn(provider);
  await provider.post("/revoke", { token, ...provider.credentials() });
  for (let n = 0; n < 3; n++) {
    const response = await provider.post("/introspect", { token, ...provider.credentials() });
    assertEquals(await response.json(), { active: false });
    assertEquals(response.headers.get("latchkey-reason"), "access_token_unknown");
  }
});

Deno.test("every inactive token is answered with active false alone, for whatever reason", async () => {
  await using provider = await aProvider();
  const { access_token } = await signIn(provider);
  const [, grantId = ""] = /^at_(.{22})\./.exec(access_token) ?? [];
  const strange = [
    "x",
    "at_",
    `at_${grantId}.${"A".repeat(43)}`,
    `${access_token}x`,
    access_token.toUpperCase(),
    "eyJ",
    `ey.${btoa(JSON.stringify({ jti: ["x"] }))}.x`,
    "rt_x.1.x",
    "\u0000",
    "ü€😀",
    "x".repeat(8193),
    "x".repeat(60_000),
  ];
  for (const token of strange) {
    const response = await provider.post("/introspect", { token, ...provider.credentials() });
    assertEquals(await response.text(), '{"active":false}', token);
    assertEquals(response.headers.get("cache-control"), "no-store");
  }
  for (const token of [undefined, ""]) {
    const response = await provider.post("/introspect", { token, ...provider.credentials() });
    assertEquals(await answerOf(response), "400 invalid_request");
  }
});

Deno.test("a token becomes inactive with its lifetime, its user or its user's epoch", async () => {
  await using provider = await aProvider();
  const first = await signIn(provider);
  const isActive = async ({ access_token }: { access_token: string }) =>
    (await introspect(provider, access_token)).active;
  assertEquals(await isActive(first), true);
  await editUser(provider, "alice", { status: "suspended" });
  assertEquals(await isActive(first), false);
  await editUser(provider, "alice", { status: "active" });
  provider.clock.advance(3599);
  assertEquals(await isActive(first), true);
  provider.clock.advance(1);
  assertEquals(await isActive(first), false);

  const second = await signIn(provider);
  await editUser(provider, "alice", { sessionEpoch: 98 });
  assertEquals(await isActive(second), false);
  const third = await signInOffline(provider);
  await editUser(provider, "alice", { epoch: 99 });
  assertEquals(await isActive(third), false);
  const fourth = await signIn(provider);
  await deleteUser(provider, "alice");
  assertEquals(await introspect(provider, fourth.access_token), { active: false });
});

Deno.test("introspection requires a confidential client", async () => {
  await using provider = await aProvider({
    clients: [
      aClient("shop"),
      aClient("basic", { token_endpoint_auth_method: "client_secret_basic" }),
      aPublicClient("app"),
    ],
  });
  const { access_token: token } = await signIn(provider, { client: "app" });
  const ask = async (form: Record<string, string>, headers: Record<string, string> = {}) =>
    await answerOf(await provider.post("/introspect", { token, ...form }, headers));

  assertEquals(await ask({}), "401 invalid_client");
  assertEquals(await ask({ client_id: "app" }), "401 invalid_client");
  assertEquals(await ask({ client_id: "shop" }), "401 invalid_client");
  assertEquals(await ask({}, { authorization: `Bearer ${token}` }), "401 invalid_client");
  assertEquals(
    await ask({ client_id: "shop", client_secret: "wrong secret!" }),
    "401 invalid_client",
  );
  const authorization = basicHeader("basic", "the secret of basic");
  assertEquals(await ask({}, { authorization }), "200");
});
