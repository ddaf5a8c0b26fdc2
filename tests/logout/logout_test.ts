import { assertEquals, assertStringIncludes } from "@std/assert";
import { decodeProtectedHeader } from "jose";
import * as clients from "../../stores/clients.ts";
import { isPresent } from "../../stores/engine/collection.ts";
import * as providers from "../../stores/provider.ts";
import * as signingKeys from "../../stores/signing_keys.ts";
import { systemOrigin } from "../../stores/engine/transaction.ts";
import { bob, isSignedIn, sessionCookie, signedInBrowser } from "../support/authorization.ts";
import type { Browser } from "../support/browser.ts";
import { aClient } from "../support/clients.ts";
import { alice, aProvider, issuer, type TestProvider } from "../support/provider.ts";
import { withdrawSigningKey } from "../support/signing_keys.ts";
import { signIn } from "../support/tokens.ts";

const bye = "https://shop.example/bye";

/** Opens /logout with these parameters; POST comes from another site, without cookies. */
async function logout(
  provider: TestProvider,
  browser: Browser,
  method: "GET" | "POST",
  parameters: Record<string, string>,
) {
  const form = new URLSearchParams(parameters);
  if (method === "GET") return await browser.open(`/logout?${form}`);
  const response = await provider.request("/logout", { method, body: form });
  const location = response.headers.get("location");
  if (location !== null) return await browser.open(location);
  return { url: new URL("/logout", issuer), response, body: await response.text() };
}

for (const method of ["GET", "POST"] as const) {
  Deno.test(`${method}: an id_token_hint of the session ends it at once and redirects with the state`, async () => {
    await using provider = await aProvider();
    const browser = provider.browser();
    const { id_token } = await signIn(provider, { browser });
    const cookie = sessionCookie(browser);

    const parameters = { id_token_hint: id_token, post_logout_redirect_uri: bye, state: "s &=" };
    const { url } = await logout(provider, browser, method, parameters);

    assertEquals([url.origin + url.pathname, url.searchParams.get("state")], [bye, "s &="]);
    assertEquals(sessionCookie(browser), undefined);
    assertEquals(await isSignedIn(provider, cookie), false);
  });

  Deno.test(`${method}: without an id_token_hint the user is asked, and then signed out`, async () => {
    await using provider = await aProvider();
    const browser = await signedInBrowser(provider);
    const cookie = sessionCookie(browser);

    const page = await logout(provider, browser, method, {});
    assertEquals(page.url.pathname, "/logout");
    assertStringIncludes(page.body, "Alice Adams");
    assertEquals(await isSignedIn(provider, cookie), true);

    const done = await browser.submit(page, {});
    assertStringIncludes(done.body, "signed out");
    assertEquals(await isSignedIn(provider, cookie), false);
    assertEquals(sessionCookie(browser), undefined);
  });

  Deno.test(`${method}: if anything is wrong with the request, the user is asked and signed out, and not redirected`, async () => {
    await using provider = await aProvider({ clients: [aClient("shop"), aClient("desk")] });
    const browser = provider.browser();
    const { id_token } = await signIn(provider, { browser });
    const hint = { id_token_hint: id_token };
    const cases: Record<string, string>[] = [
      { ...hint, post_logout_redirect_uri: "https://evil.example" },
      { ...hint, post_logout_redirect_uri: `${bye}/` },
      { ...hint, post_logout_redirect_uri: `${bye}?x` },
      { ...hint, post_logout_redirect_uri: bye.toUpperCase() },
      { ...hint, post_logout_redirect_uri: "https://shop.example/callback" },
      { ...hint, post_logout_redirect_uri: "https://desk.example/bye" },
      { client_id: "desk", post_logout_redirect_uri: bye },
      { client_id: "stranger", post_logout_redirect_uri: bye },
      { client_id: "x".repeat(300), post_logout_redirect_uri: bye },
      { post_logout_redirect_uri: bye },
      { ...hint, client_id: "desk" },
      { ...hint, client_id: "desk", post_logout_redirect_uri: bye },
      { id_token_hint: "garbage" },
      { id_token_hint: "garbage", client_id: "shop", post_logout_redirect_uri: bye },
      { client_id: "stranger" },
      { id_token_hint: `${id_token.slice(0, -8)}AAAAAAAA` },
      { ...hint, state: "x".repeat(25_000) },
    ];
    for (const parameters of cases) {
      const label = JSON.stringify(parameters).slice(0, 200);
      const victim = await signedInBrowser(provider);
      const cookie = sessionCookie(browser);
      const landing = await logout(provider, browser, method, parameters);
      assertEquals(landing.url.pathname, "/logout", label);
      assertStringIncludes(landing.body, 'id="logout-confirm"', label);
      assertEquals(await isSignedIn(provider, cookie), true, label);

      const other = await logout(provider, victim, method, parameters);
      const done = await victim.submit(other, {});
      assertEquals([done.url.origin, done.response.status], [issuer, 200], label);
      assertStringIncludes(done.body, "signed out", label);
      assertEquals(sessionCookie(victim), undefined, label);
    }
  });
}

Deno.test("parameters that occur twice are ignored, and the user is asked", async () => {
  await using provider = await aProvider();
  const browser = await signedInBrowser(provider);
  for (const name of ["id_token_hint", "client_id", "post_logout_redirect_uri", "state"]) {
    const landing = await browser.open(`/logout?${name}=shop&${name}=shop`);
    assertStringIncludes(landing.body, 'id="logout-confirm"', name);
  }
});

Deno.test("a sign-out request that is not UTF-8 is ignored whole, and the user is asked", async () => {
  await using provider = await aProvider();
  for (const method of ["GET", "POST"]) {
    const browser = await signedInBrowser(provider);
    const text = `post_logout_redirect_uri=${encodeURIComponent(bye)}&state=%ff`;
    const response = method === "GET"
      ? await browser.send(`/logout?${text}`)
      : await browser.send("/logout", {
        method,
        body: text,
        headers: { "content-type": "application/x-www-form-urlencoded" },
      });
    await response.body?.cancel();
    const to = response.headers.get("location") ?? "/logout?state=%ff";
    const done = await browser.submit(await browser.open(to), {});
    assertEquals(done.url.origin, issuer);
    assertStringIncludes(done.body, "signed out", method);
    assertEquals(sessionCookie(browser), undefined, method);
  }
});

Deno.test("an expired id_token_hint is accepted", async () => {
  await using provider = await aProvider();
  const browser = provider.browser();
  const { id_token } = await signIn(provider, { browser });
  provider.clock.advance(10 * 3600);
  const { url } = await browser.open(
    `/logout?${new URLSearchParams({ id_token_hint: id_token, post_logout_redirect_uri: bye })}`,
  );
  assertEquals(url.href, bye);
});

Deno.test("an id_token_hint signed by a retired key is accepted until the key is deleted", async () => {
  await using provider = await aProvider();
  const browser = provider.browser();
  const { id_token } = await signIn(provider, { browser });
  await retireKey(provider, decodeProtectedHeader(id_token).kid ?? "");

  const jwks = await (await provider.request("/.well-known/jwks.json")).json();
  provider.clock.advance(3600);
  const later = await (await provider.request("/.well-known/jwks.json")).json();
  assertEquals(later.keys.length, jwks.keys.length - 1);

  const parameters = new URLSearchParams({ id_token_hint: id_token });
  const done = await browser.open(`/logout?${parameters}`);
  assertStringIncludes(done.body, "signed out");
  provider.clock.advance(86_400);
  await signedInBrowser(provider, { browser });
  const asked = await browser.open(`/logout?${parameters}`);
  assertStringIncludes(asked.body, 'id="logout-confirm"');
});

Deno.test("an id_token_hint signed by a withdrawn key does not end a session by itself: the page names the application and asks", async () => {
  await using provider = await aProvider();
  const browser = provider.browser();
  const { id_token } = await signIn(provider, { browser });
  const cookie = sessionCookie(browser);
  await withdrawSigningKey(provider.deps, { alg: "RS256" });

  const parameters = { id_token_hint: id_token, post_logout_redirect_uri: bye, state: "s" };
  const page = await browser.open(`/logout?${new URLSearchParams(parameters)}`);
  assertStringIncludes(page.body, 'id="logout-confirm"');
  assertStringIncludes(page.body, "The shop");
  assertEquals(await isSignedIn(provider, cookie), true);
  const done = await browser.submit(page, {});
  assertEquals([done.url.origin, done.response.status], [issuer, 200]);
  assertEquals(await isSignedIn(provider, cookie), false);
});

Deno.test("with a deleted client's id_token_hint the user is asked, and not redirected", async () => {
  await using provider = await aProvider();
  const browser = provider.browser();
  const { id_token } = await signIn(provider, { browser });
  await provider.deps.kv.step(systemOrigin, async (tx) => {
    const { client } = await tx.read({ client: clients.ref("shop") });
    if (isPresent(client)) clients.remove(tx, client);
  });
  const parameters = { id_token_hint: id_token, post_logout_redirect_uri: bye };
  const page = await browser.open(`/logout?${new URLSearchParams(parameters)}`);
  const done = await browser.submit(page, {});
  assertEquals([done.url.origin, done.response.status], [issuer, 200]);
  assertEquals(sessionCookie(browser), undefined);
});

Deno.test("with another user's or another session's id_token_hint the user is asked first", async () => {
  await using provider = await aProvider({ users: [alice, bob] });
  const his = await signIn(provider, { user: bob });
  const elsewhere = await signIn(provider);
  const browser = await signedInBrowser(provider);
  for (const { id_token } of [his, elsewhere]) {
    const parameters = { id_token_hint: id_token, post_logout_redirect_uri: bye, state: "s" };
    const page = await browser.open(`/logout?${new URLSearchParams(parameters)}`);
    assertStringIncludes(page.body, 'id="logout-confirm"');
    assertEquals(await isSignedIn(provider, sessionCookie(browser)), true);
  }
});

Deno.test("a user who confirms is redirected to the client that asked", async () => {
  await using provider = await aProvider();
  const browser = await signedInBrowser(provider);
  const parameters = { client_id: "shop", post_logout_redirect_uri: bye, state: "s" };
  const page = await browser.open(`/logout?${new URLSearchParams(parameters)}`);
  assertStringIncludes(page.body, "The shop");
  assertEquals((await browser.submit(page, {})).url.href, `${bye}?state=s`);
});

Deno.test("if nobody is signed in, nothing is asked", async () => {
  await using provider = await aProvider();
  const parameters = { client_id: "shop", post_logout_redirect_uri: bye };
  const { url } = await provider.browser().open(`/logout?${new URLSearchParams(parameters)}`);
  assertEquals(url.href, bye);
  const page = await provider.browser().open("/logout");
  assertStringIncludes(page.body, "signed out");
});

Deno.test("the redirect keeps the registered URI unchanged and adds the state, in which no + stands for a space", async () => {
  const registered = "https://shop.example/bye?a=%7e+b";
  await using provider = await aProvider({
    clients: [aClient("shop", { post_logout_redirect_uris: [registered, "https://shop.example"] })],
  });
  const cases: [string, string][] = [
    [registered, `${registered}&state=s%201`],
    ["https://shop.example", "https://shop.example?state=s%201"],
  ];
  for (const [post_logout_redirect_uri, expected] of cases) {
    const parameters = { client_id: "shop", post_logout_redirect_uri, state: "s 1" };
    const response = await provider.request(`/logout?${new URLSearchParams(parameters)}`);
    assertEquals(response.headers.get("location"), expected);
  }
});

Deno.test("a stored sign-out request expires, and the user can still sign out", async () => {
  await using provider = await aProvider({ lifetimes: { interaction: 600 } });
  const browser = await signedInBrowser(provider);
  for (const request of ["x", "A".repeat(22)]) {
    const asked = await browser.open(`/logout?request=${request}`);
    assertStringIncludes(asked.body, 'id="logout-confirm"');
  }
  const cookie = sessionCookie(browser);
  const parameters = { client_id: "shop", post_logout_redirect_uri: bye };
  const page = await browser.open(`/logout?${new URLSearchParams(parameters)}`);
  provider.clock.advance(600);
  const done = await browser.submit(page, {});
  assertStringIncludes(done.body, "signed out");
  assertEquals(done.url.origin, issuer);
  assertEquals(await isSignedIn(provider, cookie), false);
});

Deno.test("the sign-out pages use the requested language", async () => {
  await using provider = await aProvider();
  const browser = await signedInBrowser(provider);
  for (const method of ["GET", "POST"] as const) {
    const page = await logout(provider, browser, method, { ui_locales: "de" });
    assertStringIncludes(page.body, '<html lang="de">');
    const done = await browser.submit(page, {});
    assertStringIncludes(done.body, '<html lang="de">');
    await signedInBrowser(provider, { browser });
  }
});

/** Another key of its kind signs from now on; tests only need the old one to be out of use. */
async function retireKey(provider: TestProvider, kid: string) {
  await provider.deps.kv.step(systemOrigin, async (tx) => {
    const { key, server } = await tx.read({ key: signingKeys.ref(kid), server: providers.ref() });
    if (key.value === null || server.value === null) throw new Error("no such key");
    signingKeys.retire(tx, key, { publishedUntil: tx.now + 3600, expiresAt: tx.now + 86_400 });
  });
}
