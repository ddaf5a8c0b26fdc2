import { assertEquals, assertNotEquals } from "@std/assert";
import { aClient, aPublicClient } from "../support/clients.ts";
import { aProvider, type TestProvider } from "../support/provider.ts";
import { auditTrail, snapshot } from "../support/records.ts";
import {
  answerOf,
  introspect,
  signIn,
  signInOffline,
  tokensOf,
  userinfo,
} from "../support/tokens.ts";

function revoke(
  provider: TestProvider,
  token: string | undefined,
  { client, ...parameters }: { client?: string; [name: string]: string | undefined } = {},
) {
  return provider.post("/revoke", { token, ...provider.credentials(client), ...parameters });
}

Deno.test("revoking an access token ends only that token, at once", async () => {
  await using provider = await aProvider();
  const first = await signInOffline(provider);
  const second = await tokensOf(await provider.refresh(first.refresh_token));
  provider.clock.advance(1);

  const response = await revoke(provider, first.access_token);
  assertEquals(response.status, 200);
  assertEquals(await response.text(), "");
  assertEquals(response.headers.get("cache-control"), "no-store");

  assertEquals((await userinfo(provider, first.access_token)).status, 401);
  assertEquals(await introspect(provider, first.access_token), { active: false });
  assertEquals((await userinfo(provider, second.access_token)).status, 200);
  assertEquals((await provider.refresh(second.refresh_token)).status, 200);
  const event = (await auditTrail(provider)).find(({ type }) => type === "token_revoked");
  assertEquals(event?.reason, "revoked_by_client");
  assertEquals(event?.clientId, "shop");
});

Deno.test("revoking a refresh token ends its grant with everything that it issued", async () => {
  await using provider = await aProvider();
  const first = await signInOffline(provider);
  const second = await tokensOf(await provider.refresh(first.refresh_token));
  const other = await signInOffline(provider);
  provider.clock.advance(1);

  // A hint that is wrong must not keep it from being found (RFC 7009 section 2.1).
  const response = await revoke(provider, second.refresh_token, {
    token_type_hint: "access_token",
  });
  assertEquals(response.status, 200);

  for (const { access_token } of [first, second]) {
    assertEquals((await userinfo(provider, access_token)).status, 401);
  }
  assertEquals(await answerOf(await provider.refresh(second.refresh_token)), "400 invalid_grant");
  assertEquals((await userinfo(provider, other.access_token)).status, 200);
  const event = (await auditTrail(provider)).at(-1);
  assertEquals([event?.type, event?.reason], ["grant_ended", "revoked_by_client"]);
  assertEquals(event?.actor, "client:shop"); // the person has done nothing
  assertNotEquals(event?.userId, null);
});

Deno.test("an older refresh token may still be revoked by its client", async () => {
  await using provider = await aProvider();
  const first = await signInOffline(provider);
  const second = await tokensOf(await provider.refresh(first.refresh_token));
  assertEquals((await revoke(provider, first.refresh_token)).status, 200);
  assertEquals((await userinfo(provider, second.access_token)).status, 401);
});

Deno.test("revoking an unknown or already revoked token is not an error and writes nothing", async () => {
  await using provider = await aProvider();
  const tokens = await signInOffline(provider);
  await revoke(provider, tokens.access_token);
  await revoke(provider, tokens.refresh_token);
  const before = await snapshot(provider.backend);
  const [, grantId = ""] = /^rt_(.{22})\./.exec(tokens.refresh_token) ?? [];
  const gone = [
    "x",
    "at_x",
    "eyJ",
    `rt_${grantId}.1.${"A".repeat(43)}`,
    tokens.access_token,
    tokens.refresh_token,
    tokens.id_token,
  ];
  for (const token of gone) assertEquals((await revoke(provider, token)).status, 200, token);
  assertEquals(await snapshot(provider.backend), before);
  assertEquals(await answerOf(await revoke(provider, undefined)), "400 invalid_request");
});

Deno.test("another client's token is not revoked, and the answer is the same", async () => {
  await using provider = await aProvider({
    clients: [aClient("shop"), aClient("thief"), aPublicClient("app")],
  });
  const tokens = await signInOffline(provider);
  const before = await snapshot(provider.backend);
  for (const client of ["thief", "app"]) {
    for (const token of [tokens.access_token, tokens.refresh_token]) {
      const response = await revoke(provider, token, { client });
      assertEquals([response.status, await response.text()], [200, ""]);
    }
  }
  assertEquals(await snapshot(provider.backend), before);
});

Deno.test("a client that fails to authenticate revokes nothing; a public client only names itself", async () => {
  await using provider = await aProvider({ clients: [aClient("shop"), aPublicClient("app")] });
  const ofShop = await signIn(provider);
  const wrong: Record<string, string | undefined>[] = [
    { client_secret: "wrong secret!" },
    { client_secret: undefined },
    { client_id: undefined, client_secret: undefined },
  ];
  for (const parameters of wrong) {
    const response = await revoke(provider, ofShop.access_token, parameters);
    assertEquals(await answerOf(response), "401 invalid_client");
  }
  assertEquals((await userinfo(provider, ofShop.access_token)).status, 200);

  const ofApp = await signIn(provider, { client: "app" });
  assertEquals((await revoke(provider, ofApp.access_token, { client: "app" })).status, 200);
  assertEquals((await userinfo(provider, ofApp.access_token)).status, 401);
});
