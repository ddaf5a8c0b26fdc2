import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { aClient, aPublicClient } from "../support/clients.ts";
import { aProvider } from "../support/provider.ts";
import { auditTrail, snapshot, snapshotWithoutAudit } from "../support/records.ts";
import {
  answerOf,
  introspect,
  refreshed,
  signInOffline,
  tokensOf,
  userinfo,
} from "../support/tokens.ts";
import { formatRefreshToken } from "../../src/tokens/refresh_token.ts";
import { masterKey } from "../../src/crypto/master_key.ts";
import { systemRandom } from "../../src/crypto/random.ts";

const day = 86_400;
const invalidGrant = "400 invalid_grant";

Deno.test("a refresh token rotates at every use, and earlier access tokens stay valid", async () => {
  await using provider = await aProvider();
  const first = await signInOffline(provider);
  const second = await refreshed(provider, first.refresh_token);
  const third = await refreshed(provider, second.refresh_token);

  assertEquals(new Set([first, second, third].map((t) => t.refresh_token)).size, 3);
  assertEquals(third.scope, first.scope);
  for (const { access_token } of [first, second, third]) {
    assertEquals((await userinfo(provider, access_token)).status, 200);
  }
});

Deno.test("an older refresh token shows theft and ends the grant with everything that it issued", async () => {
  await using provider = await aProvider();
  const first = await signInOffline(provider);
  const second = await refreshed(provider, first.refresh_token);
  const trailBefore = (await auditTrail(provider)).length;

  provider.clock.advance(1); // events of one moment have no order
  assertEquals(await answerOf(await provider.refresh(first.refresh_token)), invalidGrant);

  assertEquals(await answerOf(await provider.refresh(second.refresh_token)), invalidGrant);
  for (const { access_token } of [first, second]) {
    assertEquals((await userinfo(provider, access_token)).status, 401);
    assertEquals(await introspect(provider, access_token), { active: false });
  }
  const events = (await auditTrail(provider)).slice(trailBefore);
  assertEquals(events.map(({ type, reason }) => [type, reason]), [
    ["grant_ended", "reuse_detected"],
  ]);
  assertEquals(events[0]?.clientId, "shop");
  assertNotEquals(events[0]?.userId, null);
});

Deno.test("theft is detected for any older generation, long after, and after a restart", async () => {
  await using provider = await aProvider();
  const first = await signInOffline(provider);
  let newest = first;
  for (let n = 0; n < 8; n++) {
    provider.clock.advance(10 * day);
    newest = await refreshed(provider.restart(), newest.refresh_token);
  }
  provider.clock.advance(1);
  const restarted = provider.restart();
  assertEquals(await answerOf(await restarted.refresh(first.refresh_token)), invalidGrant);
  assertEquals(await answerOf(await provider.refresh(newest.refresh_token)), invalidGrant);
  assertEquals((await userinfo(provider, newest.access_token)).status, 401);
  assertEquals((await auditTrail(provider)).at(-1)?.reason, "reuse_detected");
});

Deno.test("a forged refresh token revokes nothing and writes nothing", async () => {
  await using provider = await aProvider();
  const first = await signInOffline(provider);
  const second = await refreshed(provider, first.refresh_token);
  const other = await signInOffline(provider);
  const [, grantId = "", mac = ""] = /^rt_(.{22})\.2\.(.{43})$/.exec(second.refresh_token) ?? [];
  const [, otherGrantId = ""] = /^rt_(.{22})\./.exec(other.refresh_token) ?? [];
  assert(grantId !== "" && otherGrantId !== "", second.refresh_token);
  const foreignKey = await masterKey(new Uint8Array(32).fill(8), null, systemRandom);
  const before = await snapshotWithoutAudit(provider.backend);

  const forged = [
    `rt_${grantId}.1.${mac}`,
    `rt_${grantId}.3.${mac}`,
    `rt_${grantId}.02.${mac}`,
    `rt_${grantId}.2.${"A".repeat(43)}`,
    `rt_${grantId}.2.${mac.slice(0, -1)}`,
    `rt_${grantId}.2.${mac}=`,
    `rt_${grantId}.-2.${mac}`,
    `rt_${otherGrantId}.2.${mac}`,
    `rt_${otherGrantId}.1.${mac}`,
    await formatRefreshToken(foreignKey, { grantId, generation: 1 }),
    second.access_token,
    grantId,
    "rt_",
    "x".repeat(512),
  ];
  for (const token of forged) {
    assertEquals(await answerOf(await provider.refresh(token)), invalidGrant, token);
  }
  assertEquals(await snapshotWithoutAudit(provider.backend), before);
  assertEquals((await provider.refresh(second.refresh_token)).status, 200);
  assertEquals((await provider.refresh(other.refresh_token)).status, 200);
});

Deno.test("a generation that the store does not know yet is refused, and revokes nothing", async () => {
  await using provider = await aProvider();
  const { refresh_token } = await signInOffline(provider);
  const [, grantId = ""] = /^rt_(.{22})\./.exec(refresh_token) ?? [];
  const before = await snapshot(provider.backend);
  // As after the restore of a backup that is older than the token.
  const later = await formatRefreshToken(provider.deps.masterKey, { grantId, generation: 2 });
  assertEquals(await answerOf(await provider.refresh(later)), invalidGrant);
  assertEquals(await snapshot(provider.backend), before);
  assertEquals((await provider.refresh(refresh_token)).status, 200);
});

Deno.test("another client's refresh token is refused, old or new, and stays valid for its own client", async () => {
  await using provider = await aProvider({
    clients: [aClient("shop"), aClient("thief"), aPublicClient("app")],
  });
  const first = await signInOffline(provider);
  const second = await refreshed(provider, first.refresh_token);
  const before = await snapshotWithoutAudit(provider.backend);
  for (const { refresh_token } of [first, second]) {
    for (const client of ["thief", "app"]) {
      assertEquals(await answerOf(await provider.refresh(refresh_token, { client })), invalidGrant);
    }
    const wrongSecret = { parameters: { client_secret: "a wrong secret of shop" } };
    const answer = await answerOf(await provider.refresh(refresh_token, wrongSecret));
    assertEquals(answer, "401 invalid_client");
  }
  assertEquals(await snapshotWithoutAudit(provider.backend), before);
  assertEquals((await provider.refresh(second.refresh_token)).status, 200);
});

Deno.test("a confidential client whose metadata says so keeps its refresh token", async () => {
  await using provider = await aProvider({
    clients: [aClient("shop", { rotate_refresh_tokens: false })],
  });
  const first = await signInOffline(provider);
  for (let n = 0; n < 3; n++) {
    const next = await refreshed(provider, first.refresh_token);
    assertEquals(next.refresh_token, first.refresh_token);
    assertNotEquals(next.access_token, first.access_token);
  }
});

Deno.test("the scope of a refresh may shrink, never grow", async () => {
  await using provider = await aProvider();
  const { refresh_token } = await signInOffline(provider, {
    parameters: { scope: "openid email offline_access" },
  });
  const ask = (token: string, scope: string) => provider.refresh(token, { parameters: { scope } });

  for (const scope of ["openid profile", "admin", "openid __proto__"]) {
    assertEquals(await answerOf(await ask(refresh_token, scope)), "400 invalid_scope", scope);
  }
  const narrowed = await tokensOf(await ask(refresh_token, "email"));
  assertEquals(narrowed.scope, "email");
  assertEquals(narrowed.id_token, "");
  assertEquals((await introspect(provider, narrowed.access_token)).scope, "email");
  // What shrinks is this access token; the grant stays as it was (RFC 6749 section 6).
  const whole = await tokensOf(await provider.refresh(narrowed.refresh_token));
  assertEquals(whole.scope, "openid email offline_access");
});

Deno.test("a refresh may name some of the granted resources, never others", async () => {
  const [one, two] = ["https://one.example", "https://two.example"];
  await using provider = await aProvider({
    resources: [{ resource: one, scopes: ["read"] }, { resource: two, scopes: ["read"] }],
    clients: [aClient("shop", { scope: "openid read offline_access" })],
  });
  const parameters = { scope: "openid read offline_access", resource: one };
  const { refresh_token } = await signInOffline(provider, { parameters });

  const foreign = await provider.refresh(refresh_token, { parameters: { resource: two } });
  assertEquals(await answerOf(foreign), "400 invalid_target");
  const own = await tokensOf(
    await provider.refresh(refresh_token, { parameters: { resource: one } }),
  );
  assertEquals((await introspect(provider, own.access_token)).aud, one);
});

Deno.test("each sign-in has its own grant, and ending one does not end the other", async () => {
  await using provider = await aProvider();
  const phone = await signInOffline(provider);
  const laptop = await signInOffline(provider);
  await refreshed(provider, phone.refresh_token);
  await provider.refresh(phone.refresh_token); // theft

  assertEquals((await userinfo(provider, phone.access_token)).status, 401);
  assertEquals((await userinfo(provider, laptop.access_token)).status, 200);
  assertEquals((await provider.refresh(laptop.refresh_token)).status, 200);
});
