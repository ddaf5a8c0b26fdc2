import { assertEquals, assertNotEquals } from "@std/assert";
import { aClient } from "../support/clients.ts";
import { alice, aProvider } from "../support/provider.ts";
import { editUser } from "../support/records.ts";
import {
  answerOf,
  introspect,
  refreshed,
  signIn,
  signInOffline,
  tokensOf,
  userinfo,
} from "../support/tokens.ts";

const day = 86_400;
const invalidGrant = "400 invalid_grant";

Deno.test("an unused refresh token ends after its idle time, and each use extends it", async () => {
  await using provider = await aProvider();
  const unused = await signInOffline(provider);
  let used = await signInOffline(provider);
  provider.clock.advance(30 * day - 1);
  used = await refreshed(provider, used.refresh_token);
  provider.clock.advance(1);
  assertEquals(await answerOf(await provider.refresh(unused.refresh_token)), invalidGrant);
  provider.clock.advance(30 * day - 2);
  assertEquals((await provider.refresh(used.refresh_token)).status, 200);
});

Deno.test("use extends a refresh token up to its maximum lifetime, not beyond", async () => {
  for (const rotate_refresh_tokens of [true, false]) {
    await using provider = await aProvider({
      clients: [aClient("shop", { rotate_refresh_tokens })],
    });
    let tokens = await signInOffline(provider);
    const started = provider.clock.seconds();
    for (let days = 0; days < 75; days += 25) {
      provider.clock.advance(25 * day);
      tokens = await refreshed(provider, tokens.refresh_token);
    }
    provider.clock.advance(started + 90 * day - 1 - provider.clock.seconds());
    assertEquals((await introspect(provider, tokens.refresh_token)).exp, started + 90 * day);
    tokens = await refreshed(provider, tokens.refresh_token);
    provider.clock.advance(1);
    assertEquals(await answerOf(await provider.refresh(tokens.refresh_token)), invalidGrant);
    // The last access token lives out its hour.
    assertEquals((await userinfo(provider, tokens.access_token)).status, 200);
    provider.clock.advance(3599);
    assertEquals((await userinfo(provider, tokens.access_token)).status, 401);
  }
});

Deno.test("a refresh token is issued exactly in the cases of the rules", async () => {
  await using provider = await aProvider({
    resources: [{ resource: "https://api.example", scopes: ["read"] }],
    clients: [
      aClient("asked", { scope: "openid offline_access read" }),
      aClient("first-party", { skip_consent: true, scope: "openid offline_access read" }),
      aClient("no-refresh", {
        grant_types: ["authorization_code"],
        scope: "openid offline_access read",
      }),
    ],
  });
  const api = { resource: "https://api.example" };
  const table: [string, Record<string, string>, boolean][] = [
    ["asked", { scope: "openid offline_access" }, true],
    ["asked", { scope: "openid" }, false],
    ["asked", { scope: "read", ...api }, true],
    ["asked", { scope: "openid read", ...api }, false],
    ["first-party", { scope: "openid offline_access" }, true],
    ["first-party", { scope: "openid" }, false],
    ["no-refresh", { scope: "openid offline_access" }, false],
    ["no-refresh", { scope: "read", ...api }, false],
  ];
  for (const [client, parameters, expected] of table) {
    const tokens = await signIn(provider, { client, parameters });
    assertEquals(tokens.refresh_token !== "", expected, `${client} ${parameters.scope}`);
    const offlineGranted = tokens.scope.split(" ").includes("offline_access");
    const wanted = parameters.scope?.includes("offline_access") ?? false;
    assertEquals(offlineGranted, wanted && expected, `${client} ${parameters.scope}`);
  }
});

Deno.test("offline access is not granted if the user was not asked", async () => {
  await using provider = await aProvider();
  const browser = provider.browser();
  await provider.authorize({ browser });
  const scope = "openid offline_access";
  const silent = provider.authorizeUrl({ parameters: { scope, prompt: "none" } });
  const landed = (await browser.open(silent)).url;
  const code = landed.searchParams.get("code") ?? "";
  assertNotEquals(code, "", landed.href);
  const tokens = await tokensOf(await provider.exchange(code));
  assertEquals(tokens.refresh_token, "");
  assertEquals(tokens.scope, "openid");

  // Nobody was asked yet: the next request that may ask does.
  const asking = await browser.open(provider.authorizeUrl({ parameters: { scope } }));
  assertEquals(asking.url.pathname, "/consent");
});

Deno.test("a refresh token without offline access ends with its session", async () => {
  await using provider = await aProvider({
    resources: [{ resource: "https://api.example", scopes: ["read"] }],
    clients: [aClient("shop", { scope: "read" })],
  });
  const browser = provider.browser();
  const parameters = { scope: "read", resource: "https://api.example" };
  const { refresh_token, access_token } = await signIn(provider, { browser, parameters });
  assertEquals((await introspect(provider, access_token)).active, true);
  await browser.send("/session", { method: "DELETE" });

  assertEquals(await answerOf(await provider.refresh(refresh_token)), invalidGrant);
  assertEquals(await introspect(provider, access_token), { active: false });
  assertEquals(await introspect(provider, refresh_token), { active: false });
});

Deno.test("a refresh token with offline access outlives its session", async () => {
  await using provider = await aProvider();
  const browser = provider.browser();
  const { refresh_token } = await signInOffline(provider, { browser });
  await browser.send("/session", { method: "DELETE" });
  assertEquals((await provider.refresh(refresh_token)).status, 200);
});

Deno.test("a refresh is refused for a suspended user or one with a raised epoch", async () => {
  await using provider = await aProvider({
    users: [alice, { username: "bob", password: "another good battery" }],
  });
  const ofAlice = await signInOffline(provider);
  const ofBob = await signInOffline(provider, {
    user: { username: "bob", password: "another good battery" },
  });
  await editUser(provider, "alice", { status: "suspended" });
  await editUser(provider, "bob", { epoch: 99 });
  for (const { refresh_token, access_token } of [ofAlice, ofBob]) {
    assertEquals(await answerOf(await provider.refresh(refresh_token)), invalidGrant);
    assertEquals((await userinfo(provider, access_token)).status, 401);
  }
});
