import { assertEquals } from "@std/assert";
import { aClient } from "../support/clients.ts";
import { aDpopKey } from "../support/dpop.ts";
import { alice, aProvider, type TestProvider } from "../support/provider.ts";
import { auditTrail, snapshot } from "../support/records.ts";
import { answerOf, signInOffline, tokensOf, userinfo } from "../support/tokens.ts";

const invalidGrant = "400 invalid_grant";
const graceful = aClient("shop", { refresh_token_grace_period: 10 });

Deno.test("within the grace period a repeated refresh gets the same answer, byte for byte", async () => {
  await using provider = await aProvider({ clients: [graceful] });
  const { refresh_token } = await signInOffline(provider);
  const first = await (await provider.refresh(refresh_token)).text();
  const before = await snapshot(provider.backend);

  provider.clock.advance(9);
  const repeated = await provider.restart().refresh(refresh_token);
  assertEquals(repeated.status, 200);
  assertEquals(repeated.headers.get("cache-control"), "no-store");
  assertEquals(await repeated.text(), first);
  assertEquals(await snapshot(provider.backend), before);
  assertEquals((await provider.refresh(JSON.parse(first).refresh_token)).status, 200);
});

Deno.test("after the grace period a repeated refresh is treated as theft", async () => {
  await using provider = await aProvider({ clients: [graceful] });
  const { refresh_token } = await signInOffline(provider);
  const tokens = await tokensOf(await provider.refresh(refresh_token));
  provider.clock.advance(10);
  assertEquals(await answerOf(await provider.refresh(refresh_token)), invalidGrant);
  assertEquals((await userinfo(provider, tokens.access_token)).status, 401);
  assertEquals((await auditTrail(provider)).at(-1)?.reason, "reuse_detected");
});

const api = "https://api.example";
const files = "https://files.example";
const ofTwoResources = {
  clients: [aClient("shop", {
    refresh_token_grace_period: 10,
    scope: "openid profile offline_access read write",
    resources: [api, files],
  })],
  resources: [{ resource: api, scopes: ["read"] }, { resource: files, scopes: ["write"] }],
};

/** Signs in for both resources. */
async function signInForTwo(provider: TestProvider) {
  const scope = "openid profile offline_access read write";
  const url = provider.authorizeUrl({ parameters: { scope, resource: api } });
  const browser = provider.browser();
  const landed = await browser.signInAndAllow(`${url}&resource=${files}`, alice);
  const code = landed.searchParams.get("code") ?? "";
  return await tokensOf(await provider.exchange(code, { parameters: { resource: api } }));
}

Deno.test("within the grace period one token serves requests for other scopes and resources of its grant", async () => {
  await using provider = await aProvider(ofTwoResources);
  const { refresh_token } = await signInForTwo(provider);
  const refresh = async (parameters: Record<string, string>) =>
    await tokensOf(await provider.refresh(refresh_token, { parameters }));

  const first = await refresh({ resource: api });
  const second = await refresh({ resource: files });
  const third = await refresh({ scope: "openid" });
  assertEquals([first.scope, second.scope].map((scope) => scope.includes("write")), [false, true]);
  assertEquals(new Set([first, second, third].map((one) => one.refresh_token)).size, 1);
  assertEquals(new Set([first, second, third].map((one) => one.access_token)).size, 3);
  const wider = await provider.refresh(refresh_token, { parameters: { scope: "openid phone" } });
  assertEquals(await answerOf(wider), "400 invalid_scope");

  const { refresh_token: next } = second;
  assertEquals((await provider.refresh(next, { parameters: { resource: api } })).status, 200);
  const late = await provider.refresh(refresh_token, { parameters: { resource: files } });
  assertEquals(await answerOf(late), invalidGrant, "the newest has been used since");
});

Deno.test("concurrent refreshes for two resources are both answered, and the grant stays valid", async () => {
  await using provider = await aProvider(ofTwoResources);
  const other = provider.restart();
  let { refresh_token } = await signInForTwo(provider);
  for (let round = 0; round < 5; round++) {
    const answers = await Promise.all([
      provider.refresh(refresh_token, { parameters: { resource: api } }),
      other.refresh(refresh_token, { parameters: { resource: files } }),
      other.refresh(refresh_token, { parameters: { scope: "openid" } }),
    ]);
    const tokens = await Promise.all(answers.map(tokensOf));
    assertEquals(new Set(tokens.map((one) => one.refresh_token)).size, 1);
    refresh_token = tokens[0]?.refresh_token ?? "";
  }
});

Deno.test("the grace period does not allow another key", async () => {
  await using provider = await aProvider({ clients: [graceful] });
  const { refresh_token } = await signInOffline(provider);
  await tokensOf(await provider.refresh(refresh_token));
  const key = await aDpopKey(provider);
  const dpop = await key.proof({ path: "/token" });
  assertEquals(await answerOf(await provider.refresh(refresh_token, {}, { dpop })), invalidGrant);
});

Deno.test("the same scope in another order is the same request", async () => {
  await using provider = await aProvider({ clients: [graceful] });
  const { refresh_token } = await signInOffline(provider);
  const refresh = async (scope: string) =>
    await (await provider.refresh(refresh_token, { parameters: { scope } })).text();
  assertEquals(await refresh("openid email"), await refresh("email openid"));
});

Deno.test("another client gets nothing from the grace period, and ends nothing", async () => {
  await using provider = await aProvider({
    clients: [graceful, aClient("thief", { refresh_token_grace_period: 10 })],
  });
  const { refresh_token } = await signInOffline(provider);
  const tokens = await tokensOf(await provider.refresh(refresh_token));
  const stolen = await provider.refresh(refresh_token, { client: "thief" });
  assertEquals(await answerOf(stolen), invalidGrant);
  assertEquals((await provider.refresh(tokens.refresh_token)).status, 200);
});

Deno.test("once the new token is used, the grace period of the old one ends", async () => {
  await using provider = await aProvider({ clients: [graceful] });
  const { refresh_token } = await signInOffline(provider);
  const second = await tokensOf(await provider.refresh(refresh_token));
  const third = await tokensOf(await provider.refresh(second.refresh_token));
  assertEquals(await answerOf(await provider.refresh(refresh_token)), invalidGrant);
  assertEquals((await userinfo(provider, third.access_token)).status, 401);
});

Deno.test("the kept answer is sealed, so the store contains no token in clear", async () => {
  await using provider = await aProvider({ clients: [graceful] });
  const { refresh_token } = await signInOffline(provider);
  const tokens = await tokensOf(await provider.refresh(refresh_token));
  const stored = JSON.stringify([...await snapshot(provider.backend)]);
  for (
    const secret of [tokens.access_token, tokens.refresh_token, tokens.id_token, refresh_token]
  ) {
    assertEquals(stored.includes(secret), false);
  }
});
