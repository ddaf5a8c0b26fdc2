import { assertEquals } from "@std/assert";
import { decodeJwt } from "jose";
import { anAdminApi } from "../admin/api.ts";
import { aClient, aPublicClient } from "../support/clients.ts";
import { alice, issuer } from "../support/provider.ts";
import {
  answerOf,
  introspect,
  signIn,
  signInOffline,
  tokensOf,
  userinfo,
} from "../support/tokens.ts";

const api = "https://api.example";
const invalidGrant = "400 invalid_grant";
const resources = [{ resource: api, scopes: ["read", "write"], clients: [] }];
const shop = aClient("shop", {
  scope: "openid profile email offline_access read write",
  resources: [{ resource: api, scope: "read write" }],
});

Deno.test("a scope that is removed from a client's registration is removed from its existing grants", async () => {
  await using server = await anAdminApi({ clients: [shop], resources });
  const { provider } = server;
  const own = await signInOffline(provider);
  const parameters = { scope: "openid offline_access read write", resource: api };
  const atApi = await signIn(provider, { parameters });

  await server.patch("/clients/shop", {
    scope: "openid offline_access read write",
    resources: [{ resource: api, scope: "read" }],
  });
  const info = await (await userinfo(provider, own.access_token)).json();
  assertEquals(Object.keys(info), ["sub"]);
  assertEquals((await introspect(provider, own.access_token)).scope, "openid offline_access");
  assertEquals((await introspect(provider, own.refresh_token)).scope, "openid offline_access");
  assertEquals((await introspect(provider, atApi.access_token)).scope, "read");
  const next = await tokensOf(await provider.refresh(own.refresh_token));
  assertEquals(next.scope, "openid offline_access");
  const asking = await provider.refresh(next.refresh_token, { parameters: { scope: "email" } });
  assertEquals(await answerOf(asking), "400 invalid_scope");
  const nextAtApi = await tokensOf(await provider.refresh(atApi.refresh_token));
  assertEquals(nextAtApi.scope, "read");

  await server.patch("/clients/shop", { resources: [] });
  assertEquals(await introspect(provider, nextAtApi.access_token), { active: false });
  assertEquals(
    await answerOf(await provider.refresh(nextAtApi.refresh_token)),
    "400 invalid_target",
  );
  // The rest of the grant goes on.
  const rest = await provider.refresh(nextAtApi.refresh_token, { parameters: { scope: "openid" } });
  assertEquals((await tokensOf(rest)).scope, "openid");

  // And all of it again, once the client is registered for it again.
  await server.patch("/clients/shop", { resources: shop.resources });
  assertEquals((await introspect(provider, atApi.access_token)).scope, "read write");
});

Deno.test("a claim that was requested by name is not returned once its scope is removed from the client", async () => {
  await using server = await anAdminApi({ clients: [shop], resources });
  const { provider } = server;
  const claims = JSON.stringify({ userinfo: { email: null }, id_token: { email: null } });
  const tokens = await signIn(provider, {
    parameters: { scope: "openid offline_access", claims },
  });
  const info = async (token: string) => (await (await userinfo(provider, token)).json()).email;
  assertEquals(await info(tokens.access_token), "alice@example.com");
  await server.patch("/clients/shop", { scope: "openid offline_access read write" });
  assertEquals(await info(tokens.access_token), undefined);
  const next = await tokensOf(await provider.refresh(tokens.refresh_token));
  assertEquals([await info(next.access_token), decodeJwt(next.id_token).email], [
    undefined,
    undefined,
  ]);
});

Deno.test("a token for a resource is invalid once its client may not request the resource", async () => {
  const robot = aClient("robot", { grant_types: ["client_credentials"], scope: "read" });
  await using server = await anAdminApi({
    clients: [robot],
    resources: [{ ...resources[0], clients: ["robot"], introspection_clients: ["ops"] }],
  });
  const { access_token } = await tokensOf(
    await server.provider.post("/token", {
      grant_type: "client_credentials",
      resource: api,
      ...server.provider.credentials("robot"),
    }),
  );
  assertEquals((await introspect(server.provider, access_token, "ops")).scope, "read");
  await server.patch(`/resources/${encodeURIComponent(api)}`, { clients: ["another"] });
  assertEquals(await introspect(server.provider, access_token, "ops"), { active: false });
  await server.patch(`/resources/${encodeURIComponent(api)}`, { clients: "any" });
  assertEquals((await introspect(server.provider, access_token, "ops")).scope, "read");
  const headers = { "if-match": "*" };
  await server.call("DELETE", `/resources/${encodeURIComponent(api)}`, { headers });
  assertEquals(await introspect(server.provider, access_token, "robot"), { active: false });
});

Deno.test("the tokens of a confidential client end for good when it becomes public", async () => {
  await using server = await anAdminApi({ clients: [shop], resources });
  const { provider } = server;
  const tokens = await signInOffline(provider);
  const code = await provider.authorize();

  const method = { token_endpoint_auth_method: "none" };
  assertEquals((await server.patch("/clients/shop", method)).status, 200);
  const open = { client_id: "shop", client_secret: undefined };
  const refreshed = await provider.refresh(tokens.refresh_token, { parameters: open });
  assertEquals(await answerOf(refreshed), invalidGrant);
  assertEquals(await answerOf(await provider.exchange(code, { parameters: open })), invalidGrant);
  assertEquals((await userinfo(provider, tokens.access_token)).status, 401);

  const again = await tokensOf(
    await provider.exchange(await provider.authorize(), { parameters: open }),
  );
  assertEquals((await userinfo(provider, again.access_token)).status, 200);

  await server.patch("/clients/shop", {
    token_endpoint_auth_method: "client_secret_post",
    client_secret: shop.client_secret,
  });
  assertEquals(await answerOf(await provider.refresh(tokens.refresh_token)), invalidGrant);
  // What it got without a secret takes the secret now.
  assertEquals((await userinfo(provider, again.access_token)).status, 200);
});

Deno.test("a new client secret ends codes and pushed requests, but not refresh tokens", async () => {
  await using server = await anAdminApi({ clients: [shop], resources });
  const { provider } = server;
  const { refresh_token } = await signInOffline(provider);
  const code = await provider.authorize();
  const url = new URL(provider.authorizeUrl(), issuer);
  const push = async (secret = provider.credentials().client_secret) => {
    const form = { ...Object.fromEntries(url.searchParams), client_secret: secret };
    const { request_uri } = await (await provider.post("/par", form)).json();
    return `/authorize?${new URLSearchParams({ client_id: "shop", request_uri })}`;
  };
  const [pushed, begun] = [await push(), await push()];
  const browser = provider.browser();
  const page = await browser.open(begun);

  const { body } = await server.post("/clients/shop/rotate-secret");
  const parameters = { client_secret: body.client_secret };
  assertEquals(await answerOf(await provider.exchange(code, { parameters })), invalidGrant);
  assertEquals((await provider.browser().open(pushed)).response.status, 400);
  const signedIn = await browser.submit(page, {
    username: alice.username,
    password: alice.password,
  });
  assertEquals(signedIn.response.status, 400);

  assertEquals(await answerOf(await provider.refresh(refresh_token)), "401 invalid_client");
  const next = await tokensOf(await provider.refresh(refresh_token, { parameters }));
  assertEquals((await userinfo(provider, next.access_token)).status, 200);
  const landed = await provider.browser().signInAndAllow(
    await push(body.client_secret),
    alice,
  );
  const fresh = landed.searchParams.get("code") ?? "";
  assertEquals((await provider.exchange(fresh, { parameters })).status, 200);
});

Deno.test("a code for a redirect URI that was removed is refused, and stays refused for a public client's tokens", async () => {
  const [old, kept] = ["https://old.example/callback", "https://shop.example/callback"];
  for (const client of [shop, aPublicClient("shop")]) {
    const isPublic = client.client_secret === undefined;
    await using server = await anAdminApi({
      clients: [{ ...client, redirect_uris: [old, kept] }],
      resources,
    });
    const { provider } = server;
    const through = async (redirect_uri: string) => {
      const parameters = { redirect_uri, scope: "openid offline_access" };
      const code = await provider.authorize({ parameters });
      return { code, parameters: { redirect_uri } };
    };
    const exchanged = async (redirect_uri: string) => {
      const { code, parameters } = await through(redirect_uri);
      return await tokensOf(await provider.exchange(code, { parameters }));
    };
    const [atOld, atKept] = [await exchanged(old), await exchanged(kept)];
    const [pending, good] = [await through(old), await through(kept)];

    await server.patch("/clients/shop", { redirect_uris: [kept] });
    assertEquals(await answerOf(await provider.exchange(pending.code, pending)), invalidGrant);
    assertEquals((await provider.exchange(good.code, good)).status, 200);
    assertEquals((await provider.refresh(atKept.refresh_token)).status, 200);
    const refreshed = await answerOf(await provider.refresh(atOld.refresh_token));
    assertEquals(refreshed, isPublic ? invalidGrant : "200");
    const status = (await userinfo(provider, atOld.access_token)).status;
    assertEquals(status, isPublic ? 401 : 200);
  }
});

Deno.test("a client that is updated with the same secret keeps its codes and tokens", async () => {
  await using server = await anAdminApi({ clients: [shop], resources });
  const { provider } = server;
  const { refresh_token } = await signInOffline(provider);
  const code = await provider.authorize();
  const secret = { client_secret: shop.client_secret, client_name: "The other name" };
  assertEquals((await server.patch("/clients/shop", secret)).status, 200);
  assertEquals((await provider.exchange(code)).status, 200);
  const { id_token } = await tokensOf(await provider.refresh(refresh_token));
  assertEquals(decodeJwt(id_token).aud, "shop");
});
