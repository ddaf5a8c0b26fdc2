import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { inPage } from "../support/passkeys.ts";
import { ask, bob, codeAt, continueAs, outcomeOf, submitLogin } from "../support/authorization.ts";
import type { Landing } from "../support/browser.ts";
import { aClient } from "../support/clients.ts";
import { defaultConfig } from "../support/config.ts";
import { newestLink } from "../support/mails.ts";
import { alice, aProvider, issuer } from "../support/provider.ts";
import { strings } from "../../src/language/languages.ts";

const clients = [aClient("shop", { skip_consent: true }), aClient("desk")];
const select = { prompt: "select_account" };

function address({ url }: Landing): string {
  return url.pathname + url.search;
}

Deno.test("'continue as' continues as the account on the page, or shows the page again", async () => {
  await using provider = await aProvider({ clients, users: [alice, bob] });
  const browser = provider.browser();
  await submitLogin(browser, await ask(provider, { browser }));
  const page = await ask(provider, { browser, parameters: select });
  assertStringIncludes(page.body, "Alice Adams");
  await submitLogin(
    browser,
    await ask(provider, { browser, parameters: { prompt: "login" } }),
    bob,
  );

  const again = await continueAs(browser, page);
  assertEquals([again.url.href, again.response.status], [page.url.href, 409]);
  assertStringIncludes(again.body, inPage(strings("en").login.errors.account_changed));
  assertStringIncludes(again.body, ">bob<");
  assertEquals(outcomeOf(await continueAs(browser, again)), "code");
});

Deno.test("'continue as' after a sign-out asks to sign in, for the same request", async () => {
  await using provider = await aProvider({ clients });
  const browser = provider.browser();
  await submitLogin(browser, await ask(provider, { browser }));
  const page = await ask(provider, { browser, parameters: select });
  await browser.submit(await browser.open("/logout"), {});
  const again = await continueAs(browser, page);
  assertEquals([again.url.href, again.response.status], [page.url.href, 409]);
  assertEquals(outcomeOf(await submitLogin(browser, again)), "code");
});

Deno.test("'continue as' without an account, or with one that is not there, continues as nobody", async () => {
  await using provider = await aProvider({ clients, users: [alice, bob] });
  const browser = provider.browser();
  await submitLogin(browser, await ask(provider, { browser }));
  const page = await ask(provider, { browser, parameters: select });
  const { userId } = await provider.userOf("bob");
  for (const account of [undefined, "", userId, "x".repeat(5000)]) {
    const fields = { choice: "continue", ...(account === undefined ? {} : { account }) };
    assertEquals((await browser.submit(page, fields)).response.status, 409, account);
  }
  assertEquals(outcomeOf(await continueAs(browser, page)), "code");
});

Deno.test("a waiting sign-in page continues when another tab has signed in", async () => {
  await using provider = await aProvider({ clients, config: { signUp: "open" } });
  const browser = provider.browser();
  const tabs = ["/login", "/magic-link", "/sign-up", "/login/help"];
  const waiting = await Promise.all(tabs.map(async (path) => {
    const { url } = await ask(provider, { browser, parameters: { state: path } });
    return { path, url: path + url.search };
  }));
  await submitLogin(browser, await ask(provider, { browser }));
  for (const { path, url } of waiting) {
    const landing = await browser.open(url);
    assertEquals([outcomeOf(landing), landing.url.searchParams.get("state")], ["code", path]);
  }
});

Deno.test("a waiting page continues to wait if the other tab's sign-in is not enough", async () => {
  await using provider = await aProvider({
    clients,
    users: [alice, bob],
    config: { signUp: "open" },
  });
  const wants = [{ prompt: "login" }, { prompt: "create" }, { max_age: "0" }, select];
  for (const parameters of wants) {
    const browser = provider.browser();
    const page = await ask(provider, { browser, parameters });
    await submitLogin(browser, await ask(provider, { browser }));
    assertEquals(outcomeOf(await browser.open(`/login${page.url.search}`)), "login");
  }
});

Deno.test("after a wrong password the page stays, even if another tab has signed in", async () => {
  await using provider = await aProvider({ clients, users: [alice, bob] });
  const browser = provider.browser();
  const page = await ask(provider, { browser });
  await submitLogin(browser, await ask(provider, { browser }));
  const wrong = await browser.submit(page, { username: "bob", password: "not his" });
  assertEquals([wrong.url.href, wrong.response.status], [page.url.href, 401]);
  assertStringIncludes(wrong.body, 'value="bob"');
});

Deno.test("Back to a sign-in whose code nobody used goes on to the client, with another code", async () => {
  await using provider = await aProvider({ clients });
  const browser = provider.browser();
  const page = await ask(provider, { browser });
  const first = codeAt(await submitLogin(browser, page));
  const back = await browser.open(address(page));
  assertEquals(outcomeOf(back), "code");
  assertEquals((await provider.exchange(first)).status, 400);
  assertEquals((await provider.exchange(codeAt(back))).status, 200);
});

Deno.test("Back to a sign-in whose code is spent leads to the application and the account", async () => {
  await using provider = await aProvider({
    clients: [
      aClient("shop", { skip_consent: true }),
      aClient("home", { skip_consent: true, client_uri: "https://home.example/start" }),
    ],
  });
  for (
    const [client, url] of [["shop", "https://shop.example/"], [
      "home",
      "https://home.example/start",
    ]]
  ) {
    const browser = provider.browser();
    const page = await ask(provider, { browser, client: client! });
    const code = codeAt(await submitLogin(browser, page));
    assertEquals((await provider.exchange(code, { client: client! })).status, 200);
    for (const path of ["/login", "/consent", "/login/second-factor", "/magic-link"]) {
      const back = await browser.open(path + page.url.search);
      assertEquals(outcomeOf(back), "page invalid_request");
      assertStringIncludes(back.body, `href="${url}"`);
      assertStringIncludes(back.body, 'href="/account"');
    }
  }
});

Deno.test("the consent page, answered after a sign-out, asks to sign in and goes on", async () => {
  await using provider = await aProvider({ clients });
  const browser = provider.browser();
  const consent = await submitLogin(browser, await ask(provider, { browser, client: "desk" }));
  await browser.submit(await browser.open("/logout"), {});
  const login = await browser.submit(consent, { decision: "allow" });
  assertEquals(outcomeOf(login), "login");
  const again = await submitLogin(browser, login);
  assertEquals(outcomeOf(again), "consent");
  assertEquals(outcomeOf(await browser.submit(again, { decision: "allow" })), "code");
});

Deno.test("past the limit, an application in a frame gets an error response, and a user gets a page", async () => {
  const one = { count: 1, seconds: 60 };
  await using provider = await aProvider({
    clients,
    config: { rateLimits: true, limits: { ...defaultConfig.limits, authorize: one } },
  });
  const silent = { prompt: "none" };
  const pushed = await provider.post("/par", {
    ...provider.credentials("shop"),
    ...Object.fromEntries(
      new URL(provider.authorizeUrl({ parameters: silent }), issuer).searchParams,
    ),
  });
  const { request_uri } = await pushed.json();
  await provider.request(provider.authorizeUrl());
  const framed = { headers: { "sec-fetch-dest": "iframe" } };
  const id = "A".repeat(22);
  const signedIn = {
    headers: { cookie: `__Host-latchkey_session=${id}.${id}.${"A".repeat(43)}` },
  };
  const asks: [string, RequestInit, boolean][] = [
    [provider.authorizeUrl({ parameters: silent }), signedIn, true],
    [provider.authorizeUrl({ parameters: silent }), {}, false],
    [provider.authorizeUrl(), framed, true],
    [`/authorize?${new URLSearchParams({ client_id: "shop", request_uri })}`, signedIn, true],
    [provider.authorizeUrl(), {}, false],
    [
      provider.authorizeUrl({ parameters: { ...silent, redirect_uri: "https://evil.example/" } }),
      {},
      false,
    ],
    [provider.authorizeUrl({ parameters: { ...silent, client_id: "nobody" } }), framed, false],
  ];
  for (const [path, init, isTold] of asks) {
    const answer = await provider.request(path, init);
    await answer.body?.cancel();
    const to = answer.headers.get("location");
    assertEquals(answer.status, isTold ? 303 : 429, path);
    assertEquals(
      to && new URL(to).searchParams.get("error"),
      isTold ? "temporarily_unavailable" : null,
    );
    assertEquals(answer.headers.get("retry-after"), "60");
  }
});

Deno.test("/login without a request leads to the account", async () => {
  await using provider = await aProvider({ clients });
  const browser = provider.browser();
  const login = await browser.open("/login");
  assertEquals(login.url.pathname, "/login");
  assertEquals((await submitLogin(browser, login)).url.pathname, "/account");
  assertEquals((await browser.open("/login")).url.pathname, "/account");
});

Deno.test("a form that is refused is answered by a page at a GET, once", async () => {
  await using provider = await aProvider({ clients });
  const browser = provider.browser();
  const page = await ask(provider, { browser });
  const wrong = await browser.submit(page, { username: "alice", password: "not hers" });
  assertEquals([wrong.url.href, wrong.response.status], [page.url.href, 401]);
  assertStringIncludes(wrong.body, 'value="alice"');
  assert(!wrong.body.includes("not hers"));
  const reloaded = await browser.open(address(page));
  assertEquals(reloaded.response.status, 200);
  assert(!reloaded.body.includes('id="error-summary"'));
});

Deno.test("no URL, and no cookie of another page, makes a page show an error", async () => {
  await using provider = await aProvider({ clients });
  const browser = provider.browser();
  const [one, two] = [await ask(provider, { browser }), await ask(provider, { browser })];
  const before = await browser.open(`${address(one)}&error=wrong_credentials&errors=form_answer`);
  assertEquals(before.response.status, 200);
  const action = "/login";
  const fields = new URLSearchParams({ username: "alice", password: "x" });
  for (
    const [, name, value] of one.body.matchAll(/type="hidden" name="([^"]+)" value="([^"]*)"/g)
  ) {
    fields.set(name!, value!);
  }
  await browser.send(action, { method: "POST", body: fields });
  assertEquals((await browser.open(address(two))).response.status, 200);
  assertEquals((await browser.open(address(one))).response.status, 401);
});

Deno.test("every page of a sign-in goes on when another tab has signed in", async () => {
  await using provider = await aProvider({
    clients,
    users: [{ ...alice, claims: { email: "alice@example.com", email_verified: true } }],
    config: { signUp: "open" },
  });
  const browser = provider.browser();
  const opened: Record<string, (query: string) => Promise<Landing>> = {
    "/password-reset": (query) => browser.open(`/password-reset${query}`),
    "/password-reset/sent": async (query) =>
      await browser.submit(await browser.open(`/password-reset${query}`), { username: "alice" }),
    "/sign-up/sent": async (query) =>
      await browser.submit(await browser.open(`/sign-up${query}`), { email: "new@example.com" }),
    "/magic-link/sent": async (query) =>
      await browser.submit(await browser.open(`/magic-link${query}`), {
        email: "alice@example.com",
        way: "code",
      }),
  };
  const waiting: [string, Landing][] = [];
  for (const [path, open] of Object.entries(opened)) {
    const { url } = await ask(provider, { browser, parameters: { state: path } });
    const page = await open(url.search);
    assertEquals([page.url.pathname, page.response.status], [path, 200]);
    assertStringIncludes(page.body, "opaqueredirect"); // the script that looks for the sign-in
    waiting.push([path, page]);
  }
  await submitLogin(browser, await ask(provider, { browser }));
  for (const [path, page] of waiting) {
    const landing = await browser.open(address(page));
    assertEquals([outcomeOf(landing), landing.url.searchParams.get("state")], ["code", path]);
  }
});

Deno.test("after a password reset the link leads to the waiting application", async () => {
  await using provider = await aProvider({
    clients,
    users: [{ ...alice, claims: { email: "alice@example.com", email_verified: true } }],
  });
  const browser = provider.browser();
  const page = await ask(provider, { browser });
  const request = await browser.open(`/password-reset${page.url.search}`);
  assertStringIncludes(request.body, `href="/login${page.url.search}"`);
  await browser.submit(request, { username: "alice" });
  const link = await browser.open(await newestLink(provider));
  const password = "another fine password";
  const done = await browser.submit(link, { password, password_repeat: password });
  const [, href = ""] = /href="(\/authorize\/resume[^"]*)"/.exec(done.body) ?? [];
  const login = await browser.open(href);
  assertEquals(outcomeOf(login), "login");
  assertEquals(outcomeOf(await submitLogin(browser, login, { ...alice, password })), "code");
  // Another browser, such as a phone that reads the mail, knows of no request.
  const elsewhere = await provider.browser().open("/password-reset/done");
  assertStringIncludes(elsewhere.body, 'href="/account"');
});
