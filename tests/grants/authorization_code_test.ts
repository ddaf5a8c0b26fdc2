import { assertEquals, assertNotEquals } from "@std/assert";
import { aClient, aPublicClient } from "../support/clients.ts";
import { alice, aProvider, codeChallenge, type TestProvider } from "../support/provider.ts";
import { auditTrail, editUser, snapshot, snapshotWithoutAudit } from "../support/records.ts";
import { answerOf, introspect, signIn, tokensOf, userinfo } from "../support/tokens.ts";

const offline = { parameters: { scope: "openid offline_access" } };
const invalidGrant = "400 invalid_grant";

Deno.test("a code is exchanged for tokens with the requested and allowed scope", async () => {
  await using provider = await aProvider();
  const response = await provider.exchange(await provider.authorize());
  assertEquals(response.headers.get("cache-control"), "no-store");
  assertEquals(response.headers.get("pragma"), "no-cache");
  const body = await response.json();
  assertEquals(Object.keys(body).sort(), [
    "access_token",
    "expires_in",
    "id_token",
    "scope",
    "token_type",
  ]);
  assertEquals(body.token_type, "Bearer");
  assertEquals(body.expires_in, 3600);
  assertEquals(body.scope, "openid profile email");
});

Deno.test("redirect_uri is optional at the token endpoint with PKCE, and required without", async () => {
  const shop = aClient("shop", { require_pkce: false });
  await using provider = await aProvider({ clients: [shop, aPublicClient("app")] });
  for (const client of ["shop", "app"]) {
    for (const redirect_uri of [undefined, ""]) {
      const code = await provider.authorize({ client });
      const response = await provider.exchange(code, { client, parameters: { redirect_uri } });
      assertEquals(await answerOf(response), "200", client);
    }
  }
  const without = { code_challenge: undefined, code_challenge_method: undefined, nonce: "n" };
  const code = await provider.authorize({ client: "shop", parameters: without });
  const left = { redirect_uri: undefined, code_verifier: undefined };
  const refused = await provider.exchange(code, { parameters: left });
  assertEquals(await answerOf(refused), "400 invalid_request");
  const sent = await provider.exchange(code, { parameters: { code_verifier: undefined } });
  assertEquals(await answerOf(sent), "200", "and the code was not spent");
});

Deno.test("a request that fails a binding check leaves the code unspent and writes nothing", async () => {
  await using provider = await aProvider({
    clients: [
      aClient("shop", {
        redirect_uris: ["https://shop.example/callback", "https://shop.example/other"],
      }),
      aClient("thief", { redirect_uris: ["https://shop.example/callback"] }),
      aPublicClient("app", { redirect_uris: ["https://shop.example/callback"] }),
    ],
  });
  const code = await provider.authorize(offline);
  const other = await provider.authorize();
  const [grantId = "", secret = ""] = code.split(".");
  const [otherGrantId = ""] = other.split(".");
  const before = await snapshotWithoutAudit(provider.backend);

  const wrong: [Parameters<TestProvider["exchange"]>[1], string][] = [
    [{ client: "thief" }, invalidGrant],
    [{ client: "app" }, invalidGrant],
    [{ parameters: { client_secret: "a wrong secret of shop" } }, "401 invalid_client"],
    [{ parameters: { client_secret: undefined } }, "401 invalid_client"],
    [{ parameters: { redirect_uri: "https://shop.example/other" } }, invalidGrant],
    [{ parameters: { redirect_uri: "https://shop.example/callback/" } }, invalidGrant],
    [{ parameters: { redirect_uri: undefined, code_verifier: undefined } }, invalidGrant],
    [{ parameters: { redirect_uri: undefined, code_verifier: "a".repeat(43) } }, invalidGrant],
    [{ parameters: { code_verifier: undefined } }, invalidGrant],
    [{ parameters: { code_verifier: "a".repeat(43) } }, invalidGrant],
    // The challenge itself would fit if plain were taken for S256.
    [{ parameters: { code_verifier: codeChallenge } }, invalidGrant],
    [{ parameters: { code_verifier: "short" } }, "400 invalid_request"],
    [{ parameters: { code_verifier: "ü".repeat(43) } }, "400 invalid_request"],
    [{ parameters: { resource: "https://unknown.example" } }, "400 invalid_target"],
    [{ parameters: { resource: "no URI" } }, "400 invalid_target"],
    [{ parameters: { code: undefined } }, "400 invalid_request"],
    [{ parameters: { code: secret } }, invalidGrant],
    [{ parameters: { code: `${otherGrantId}.${secret}` } }, invalidGrant],
    [{ parameters: { code: `${code}.` } }, invalidGrant],
    [{ parameters: { code: `${grantId}.${"A".repeat(43)}` } }, invalidGrant],
    [{ parameters: { code: "x".repeat(257) } }, invalidGrant],
  ];
  for (const [options, expected] of wrong) {
    const answer = await answerOf(await provider.exchange(code, options));
    assertEquals(answer, expected, JSON.stringify(options));
  }
  assertEquals(await snapshotWithoutAudit(provider.backend), before);
  for (const one of [code, other]) {
    assertEquals(await answerOf(await provider.exchange(one)), "200");
  }
});

Deno.test("a code_verifier without a code_challenge is refused, and the code stays valid", async () => {
  await using provider = await aProvider({ clients: [aClient("shop", { require_pkce: false })] });
  const parameters = { code_challenge: undefined, code_challenge_method: undefined };
  const code = await provider.authorize({ parameters });

  assertEquals(await answerOf(await provider.exchange(code)), "400 invalid_request");
  const without = { parameters: { code_verifier: undefined } };
  assertEquals(await answerOf(await provider.exchange(code, without)), "200");
});

Deno.test("an expired code is refused, and its use revokes nothing", async () => {
  await using provider = await aProvider();
  const code = await provider.authorize();
  const inTime = await provider.authorize();
  provider.clock.advance(59);
  const { access_token } = await tokensOf(await provider.exchange(inTime));
  provider.clock.advance(1);
  const before = await snapshot(provider.backend);

  assertEquals(await answerOf(await provider.exchange(code)), invalidGrant);
  assertEquals(await snapshot(provider.backend), before);
  assertEquals((await userinfo(provider, access_token)).status, 200);
});

Deno.test("a replay that passes every binding check ends the grant with everything that it issued", async () => {
  await using provider = await aProvider();
  const code = await provider.authorize(offline);
  const tokens = await tokensOf(await provider.exchange(code));
  const refreshed = await tokensOf(await provider.refresh(tokens.refresh_token));
  const trailBefore = (await auditTrail(provider)).length;

  provider.clock.advance(1); // events of one moment have no order
  assertEquals(await answerOf(await provider.exchange(code)), invalidGrant);

  for (const { access_token } of [tokens, refreshed]) {
    assertEquals((await userinfo(provider, access_token)).status, 401);
    assertEquals(await introspect(provider, access_token), { active: false });
  }
  assertEquals(await introspect(provider, refreshed.refresh_token), { active: false });
  assertEquals(await answerOf(await provider.refresh(refreshed.refresh_token)), invalidGrant);
  const [grantId = ""] = code.split(".");
  const left = [...(await snapshot(provider.backend)).keys()].filter((key) =>
    key.includes(grantId)
  );
  assertEquals(left, [], "the grant, its index and its family are gone");
  const [ended, ...more] = (await auditTrail(provider)).slice(trailBefore);
  assertEquals(more, []);
  assertEquals(ended?.type, "grant_ended");
  assertEquals(ended?.reason, "code_replayed");
  assertEquals(ended?.clientId, "shop");
  assertEquals(ended?.grantId, grantId);
  assertNotEquals(ended?.userId, null);
  assertNotEquals(ended?.requestId, null);
});

Deno.test("a second replay leaves no second audit event", async () => {
  await using provider = await aProvider();
  const code = await provider.authorize();
  await tokensOf(await provider.exchange(code));
  await provider.exchange(code);
  const before = await snapshot(provider.backend);
  assertEquals(await answerOf(await provider.exchange(code)), invalidGrant);
  assertEquals(await snapshot(provider.backend), before);
});

Deno.test("a replay that fails a binding revokes nothing", async () => {
  await using provider = await aProvider({
    clients: [
      aClient("shop"),
      aClient("thief", { redirect_uris: ["https://shop.example/callback"] }),
    ],
  });
  const code = await provider.authorize(offline);
  const tokens = await tokensOf(await provider.exchange(code));
  const before = await snapshotWithoutAudit(provider.backend);

  const failing: Parameters<TestProvider["exchange"]>[1][] = [
    { client: "thief" },
    { parameters: { redirect_uri: "https://shop.example/other" } },
    { parameters: { code_verifier: "a".repeat(43) } },
    { parameters: { code_verifier: undefined } },
    { parameters: { client_secret: "a wrong secret of shop" } },
  ];
  for (const options of failing) {
    const { status } = await provider.exchange(code, options);
    assertEquals(status === 400 || status === 401, true, JSON.stringify(options));
  }
  assertEquals(await snapshotWithoutAudit(provider.backend), before);
  assertEquals((await userinfo(provider, tokens.access_token)).status, 200);
  assertEquals((await provider.refresh(tokens.refresh_token)).status, 200);
});

Deno.test("a replay on one device ends only the grant of that device", async () => {
  await using provider = await aProvider();
  const code = await provider.authorize(offline);
  const phone = await tokensOf(await provider.exchange(code));
  const laptop = await signIn(provider, offline);

  await provider.exchange(code);

  assertEquals((await userinfo(provider, phone.access_token)).status, 401);
  assertEquals((await userinfo(provider, laptop.access_token)).status, 200);
  assertEquals((await provider.refresh(laptop.refresh_token)).status, 200);
});

Deno.test("a code of a user who was suspended since is refused", async () => {
  await using provider = await aProvider();
  const code = await provider.authorize();
  await editUser(provider, "alice", { status: "suspended" });
  assertEquals(await answerOf(await provider.exchange(code)), invalidGrant);
});

Deno.test("a code ends with the session that it came from, unless offline access was granted", async () => {
  await using provider = await aProvider();
  const browser = provider.browser();
  const online = await provider.authorize({ browser });
  const offlineCode = await provider.authorize({ browser, ...offline });
  const { status } = await browser.send("/session", { method: "DELETE" });
  assertEquals(status, 204);

  assertEquals(await answerOf(await provider.exchange(online)), invalidGrant);
  assertEquals(await answerOf(await provider.exchange(offlineCode)), "200");
});

Deno.test("a code is exchanged for one of the resources that were granted, never for others", async () => {
  const [one, two] = ["https://one.example", "https://two.example"];
  const three = "https://three.example";
  await using provider = await aProvider({
    resources: [one, two, three].map((resource) => ({ resource, scopes: ["read"] })),
    clients: [aClient("shop", { scope: "openid read" })],
  });
  async function authorized() {
    const url = provider.authorizeUrl({ parameters: { scope: "openid read", resource: one } });
    const landed = await provider.browser().signInAndAllow(`${url}&resource=${two}`, alice);
    return landed.searchParams.get("code") ?? "";
  }
  const audienceOf = async (response: Response) =>
    (await introspect(provider, (await tokensOf(response)).access_token)).aud;

  const code = await authorized();
  const foreign = await provider.exchange(code, { parameters: { resource: three } });
  assertEquals(await answerOf(foreign), "400 invalid_target");
  const narrowed = await provider.exchange(code, { parameters: { resource: two } });
  assertEquals(await audienceOf(narrowed), two);
  // RFC 9068 section 5: none of them could use a token for both at the other.
  assertEquals(await answerOf(await provider.exchange(await authorized())), "400 invalid_target");
});

Deno.test("a code and its tombstone survive a restart", async () => {
  await using provider = await aProvider();
  const code = await provider.authorize();
  const second = provider.restart();
  const tokens = await tokensOf(await second.exchange(code));
  const third = provider.restart();
  assertEquals(await answerOf(await third.exchange(code)), invalidGrant);
  assertEquals((await userinfo(provider, tokens.access_token)).status, 401);
});
