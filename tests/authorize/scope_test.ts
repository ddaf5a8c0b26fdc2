import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { isPresent } from "../../stores/engine/collection.ts";
import * as resources from "../../stores/resources.ts";
import { systemOrigin } from "../../stores/engine/transaction.ts";
import { ask, codeAt, outcomeAt, outcomeOf, signedInBrowser } from "../support/authorization.ts";
import { aClient, aPublicClient } from "../support/clients.ts";
import { aProvider } from "../support/provider.ts";
import { answerOf, introspect, signIn, tokensOf } from "../support/tokens.ts";

const api = { resource: "https://api.example/v1", scopes: ["read", "write"] };
const mail = { resource: "urn:example:mail", scopes: ["send"] };
const shop = aClient("shop", { scope: "openid profile email offline_access read send" });
const withApis = { clients: [shop], resources: [api, mail] };

Deno.test("an unknown scope is ignored, and a request with no known scope is invalid_scope", async () => {
  await using provider = await aProvider();
  const { scope } = await signIn(provider, { parameters: { scope: "openid  openid teleport" } });
  assertEquals(scope, "openid");
  const outcome = await outcomeAt(provider, provider.browser(), { scope: "teleport" });
  assertEquals(outcome, "error invalid_scope");
});

Deno.test("without a scope a client gets everything that it is registered for, except offline_access", async () => {
  await using provider = await aProvider({ clients: [shop], resources: [api] });
  for (const scope of [undefined, "", " "]) {
    const tokens = await signIn(provider, { parameters: { scope } });
    assertEquals([tokens.scope, tokens.refresh_token], ["openid profile email", ""]);
  }
  const named = await signIn(provider, {
    parameters: { scope: undefined, resource: api.resource },
  });
  assertEquals([named.scope, named.id_token === ""], ["read", false]);
});

Deno.test("a scope that the client is not registered for is invalid_scope", async () => {
  await using provider = await aProvider({
    clients: [aClient("shop", { scope: "openid email" })],
    resources: [api],
  });
  const cases: [Record<string, string>, string][] = [
    [{ scope: "openid email" }, "login"],
    [{ scope: "openid profile" }, "error invalid_scope"],
    [{ scope: "openid groups" }, "error invalid_scope"], // ignored only for clients that cannot register it
    // It is ignored where it cannot be granted: MCP clients add it to every request.
    [{ scope: "openid offline_access" }, "login"],
    [{ scope: "offline_access" }, "error invalid_scope"],
    [{ scope: "openid read", resource: api.resource }, "error invalid_scope"],
    [{ scope: "openid read" }, "login"], // without its resource it means nothing here
  ];
  for (const [parameters, expected] of cases) {
    assertEquals(
      await outcomeAt(provider, provider.browser(), parameters),
      expected,
      JSON.stringify(parameters),
    );
  }
});

Deno.test("a token is for one of the named resources, and has only its scope", async () => {
  await using provider = await aProvider(withApis);
  const browser = provider.browser();
  const url = provider.authorizeUrl({
    parameters: { scope: "openid read send write", resource: api.resource },
  });
  // `write` is the resource's, and not the client's.
  assertEquals(
    outcomeOf(await browser.open(`${url}&resource=urn:example:mail`)),
    "error invalid_scope",
  );

  const good = provider.authorizeUrl({
    parameters: { scope: "openid read send", resource: api.resource },
  });
  const landed = await browser.signInAndAllow(`${good}&resource=urn:example:mail`, {
    username: "alice",
    password: "correct horse battery",
  });
  const code = landed.searchParams.get("code") ?? "";
  assertEquals(await answerOf(await provider.exchange(code)), "400 invalid_target");
  const tokens = await tokensOf(
    await provider.exchange(code, { parameters: { resource: mail.resource } }),
  );
  const { aud, scope } = await introspect(provider, tokens.access_token);
  assertEquals([aud, scope], [mail.resource, "send"]);
});

Deno.test("a resource that is unknown or not an absolute URI is invalid_target", async () => {
  await using provider = await aProvider(withApis);
  const resources = [
    "https://api.example",
    "https://api.example/v1/",
    "https://api.example/v1#x",
    "/v1",
    "x".repeat(300),
    `https://api.example/${"x".repeat(300)}`,
  ];
  for (const resource of resources) {
    const outcome = await outcomeAt(provider, provider.browser(), { resource });
    assertEquals(outcome, "error invalid_target", resource);
  }
  const url = provider.authorizeUrl({ parameters: { resource: api.resource } });
  const second = await provider.browser().open(`${url}&resource=https://nowhere.example`);
  assertEquals(outcomeOf(second), "error invalid_target");
});

Deno.test("more than four resources are an error, the same one again is not", async () => {
  await using provider = await aProvider(withApis);
  const parameters = { scope: "openid read", resource: api.resource };
  const url = provider.authorizeUrl({ parameters });
  const more = (count: number, same: boolean) =>
    Array.from({ length: count }, (_, n) => `&resource=${same ? api.resource : `urn:example:${n}`}`)
      .join("");
  assertEquals(outcomeOf(await provider.browser().open(url + more(9, true))), "login");
  assertEquals(
    outcomeOf(await provider.browser().open(url + more(4, false))),
    "error invalid_request",
  );
});

Deno.test("a consent is remembered for each client, and asked again if the scope grows", async () => {
  await using provider = await aProvider({ ...withApis, clients: [shop, aClient("desk")] });
  const browser = await signedInBrowser(provider, { parameters: { scope: "openid email" } });
  const cases: [Record<string, string>, string, string][] = [
    [{ scope: "openid email" }, "shop", "code"],
    [{ scope: "openid" }, "shop", "code"],
    [{ scope: "openid email profile" }, "shop", "consent"],
    [{ scope: "openid email read", resource: api.resource }, "shop", "consent"],
    [{ scope: "openid email" }, "desk", "consent"],
  ];
  for (const [parameters, client, expected] of cases) {
    assertEquals(
      await outcomeAt(provider, browser, parameters, client),
      expected,
      JSON.stringify(parameters),
    );
  }
  // The second yes adds to the first one.
  await signedInBrowser(provider, { browser, parameters: { scope: "openid profile" } });
  assertEquals(await outcomeAt(provider, browser, { scope: "openid email profile" }), "code");
});

Deno.test("the consent page names client, host, person and each scope in plain words", async () => {
  await using provider = await aProvider(withApis);
  const browser = await signedInBrowser(provider, { parameters: { scope: "openid" } });
  const parameters = { scope: "openid email read", resource: api.resource };
  const { body } = await ask(provider, { browser, parameters });
  for (const text of ["The shop", "shop.example", "Alice Adams", "read", api.resource]) {
    assertStringIncludes(body, text);
  }
  assert(!body.includes(">email<") && !body.includes(">openid<"), "a scope as the wire has it");
});

Deno.test("offline access is asked for once and gives a refresh token", async () => {
  await using provider = await aProvider();
  const browser = provider.browser();
  const parameters = { scope: "openid offline_access" };
  const tokens = await signIn(provider, { browser, parameters });
  assert(tokens.refresh_token !== "");
  assertEquals(tokens.scope, "openid offline_access");
  assertEquals(await outcomeAt(provider, browser, parameters), "code");
  assertEquals(await outcomeAt(provider, browser, { ...parameters, prompt: "consent" }), "consent");
});

Deno.test("with prompt=none offline access is ignored, because nobody can be asked", async () => {
  await using provider = await aProvider();
  const browser = await signedInBrowser(provider, {
    parameters: { scope: "openid offline_access" },
  });
  const parameters = { scope: "openid offline_access", prompt: "none" };
  const code = codeAt(await ask(provider, { browser, parameters }));
  const tokens = await tokensOf(await provider.exchange(code));
  assertEquals([tokens.refresh_token, tokens.scope], ["", "openid"]);
});

Deno.test("without offline_access an OpenID sign-in gives no refresh token", async () => {
  await using provider = await aProvider();
  assertEquals((await signIn(provider)).refresh_token, "");
});

Deno.test("a client that cannot refresh is not given offline access, nor asked about it", async () => {
  const shop = aClient("shop", { grant_types: ["authorization_code"] });
  await using provider = await aProvider({ clients: [shop] });
  const browser = await signedInBrowser(provider);
  const parameters = { scope: "openid offline_access" };
  const code = codeAt(await ask(provider, { browser, parameters }));
  const tokens = await tokensOf(await provider.exchange(code));
  assertEquals([tokens.refresh_token, tokens.scope], ["", "openid"]);
});

Deno.test("users of a first-party client are not asked, also for offline access", async () => {
  const first = aClient("first", { skip_consent: true });
  await using provider = await aProvider({ clients: [aClient("shop"), first] });
  const browser = await signedInBrowser(provider);
  for (const prompt of [undefined, "none"]) {
    const parameters = { scope: "openid email offline_access", prompt };
    const code = codeAt(await ask(provider, { browser, client: "first", parameters }));
    const tokens = await tokensOf(await provider.exchange(code, { client: "first" }));
    assert(tokens.refresh_token !== "");
  }
});

Deno.test("without openid the registered grant type decides about a refresh token", async () => {
  const once = aClient("once", { grant_types: ["authorization_code"] });
  await using provider = await aProvider({ clients: [aClient("shop"), once] });
  const parameters = { scope: "email" };
  const tokens = await signIn(provider, { parameters });
  assert(tokens.refresh_token !== "");
  assertEquals(tokens.id_token, "");
  assertEquals((await signIn(provider, { client: "once", parameters })).refresh_token, "");
});

Deno.test("a native client's consent is not remembered if any application can take its place", async () => {
  const native = { application_type: "native" };
  await using provider = await aProvider({
    clients: [
      aPublicClient("loopback", { ...native, redirect_uris: ["http://127.0.0.1/callback"] }),
      aPublicClient("scheme", { ...native, redirect_uris: ["com.example.app:/callback"] }),
      aPublicClient("claimed", { ...native, redirect_uris: ["https://claimed.example/callback"] }),
      aPublicClient("capital", { ...native, redirect_uris: ["HTTPS://capital.example/callback"] }),
    ],
  });
  const again: Record<string, string> = {};
  for (const client of ["loopback", "scheme", "claimed", "capital"]) {
    const browser = provider.browser();
    await provider.authorize({ client, browser });
    again[client] = outcomeOf(await browser.open(provider.authorizeUrl({ client })));
  }
  assertEquals(again, {
    loopback: "consent",
    scheme: "consent",
    claimed: "code",
    capital: "code",
  });
});

Deno.test("a scope that became grantable after the page was shown is asked for before it is granted", async () => {
  await using provider = await aProvider({
    clients: [aClient("shop", { scope: "openid profile email read write" })],
    resources: [{ ...api, scopes: ["read"] }],
  });
  const browser = await signedInBrowser(provider);
  const parameters = { scope: "openid read write", resource: api.resource, prompt: "consent" };
  const asked = await browser.open(provider.authorizeUrl({ parameters }));
  await provider.deps.kv.step(systemOrigin, async (tx) => {
    const { offered } = await tx.read({ offered: resources.ref(api.resource) });
    if (isPresent(offered)) {
      resources.replace(tx, offered, { ...offered.value, scopes: api.scopes });
    }
  });

  const again = await browser.submit(asked, { decision: "allow" });
  assertEquals(outcomeOf(again), "consent");
  assertStringIncludes(again.body, "write");
  const allowed = await browser.submit(again, { decision: "allow" });
  const tokens = await tokensOf(
    await provider.exchange(allowed.url.searchParams.get("code") ?? ""),
  );
  assertEquals(tokens.scope, "read write");
});
