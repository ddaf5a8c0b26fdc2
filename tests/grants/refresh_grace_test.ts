import { assertEquals } from "@std/assert";
import { aClient } from "../support/clients.ts";
import { aProvider } from "../support/provider.ts";
import { auditTrail, snapshot } from "../support/records.ts";
import { answerOf, signInOffline, tokensOf, userinfo } from "../support/tokens.ts";

const invalidGrant = "400 invalid_grant";
const graceful = aClient("shop", { refresh_token_grace_period: 10 });

Deno.test("within the grace period a repeated refresh has the same answer, byte for byte", async () => {
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

Deno.test("after the grace period a repeated refresh is theft", async () => {
  await using provider = await aProvider({ clients: [graceful] });
  const { refresh_token } = await signInOffline(provider);
  const tokens = await tokensOf(await provider.refresh(refresh_token));
  provider.clock.advance(10);
  assertEquals(await answerOf(await provider.refresh(refresh_token)), invalidGrant);
  assertEquals((await userinfo(provider, tokens.access_token)).status, 401);
  assertEquals((await auditTrail(provider)).at(-1)?.reason, "reuse_detected");
});

Deno.test("the grace period is for the same request alone: another scope or resource is theft", async () => {
  const resource = "https://api.example";
  for (const parameters of [{ scope: "openid" }, { resource }]) {
    await using provider = await aProvider({
      clients: [{ ...graceful, scope: "openid offline_access read" }],
      resources: [{ resource, scopes: ["read"] }],
    });
    const { refresh_token } = await signInOffline(provider, {
      parameters: { scope: "openid offline_access read", resource },
    });
    const tokens = await tokensOf(await provider.refresh(refresh_token));
    const repeat = await provider.refresh(refresh_token, { parameters });
    assertEquals(await answerOf(repeat), invalidGrant, JSON.stringify(parameters));
    assertEquals(await answerOf(await provider.refresh(tokens.refresh_token)), invalidGrant);
  }
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

Deno.test("once the new token was used, the old one has no grace left", async () => {
  await using provider = await aProvider({ clients: [graceful] });
  const { refresh_token } = await signInOffline(provider);
  const second = await tokensOf(await provider.refresh(refresh_token));
  const third = await tokensOf(await provider.refresh(second.refresh_token));
  assertEquals(await answerOf(await provider.refresh(refresh_token)), invalidGrant);
  assertEquals((await userinfo(provider, third.access_token)).status, 401);
});

Deno.test("the kept answer is sealed: no token of it can be read from the store", async () => {
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
