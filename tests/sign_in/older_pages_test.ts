import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { raiseEpoch } from "../../src/boot/raise_epoch.ts";
import { carriedLifetime } from "../../src/interactions/carried.ts";
import { ask, codeAt, outcomeOf, submitLogin } from "../support/authorization.ts";
import { type Browser, formOf, type Landing } from "../support/browser.ts";
import { aClient } from "../support/clients.ts";
import { defaultConfig } from "../support/config.ts";
import { aliceAddress, newestCode } from "../support/mail_sign_in.ts";
import { newestLink } from "../support/mails.ts";
import { alice, aProvider, issuer, type TestProvider } from "../support/provider.ts";

const clients = [aClient("shop", { skip_consent: true }), aClient("desk")];
const lifetime = defaultConfig.lifetimes.interaction;
const cookie = "__Host-latchkey_requests";

function address({ url }: Landing): string {
  return url.pathname + url.search;
}

/** Another browser with the same cookies. */
function copyOf(provider: TestProvider, { cookies }: Browser): Browser {
  const copy = provider.browser();
  for (const [name, value] of cookies) copy.cookies.set(name, value);
  return copy;
}

async function pushedUrl(provider: TestProvider): Promise<string> {
  const parameters = new URL(provider.authorizeUrl(), issuer).searchParams;
  const form = { ...Object.fromEntries(parameters), ...provider.credentials("shop") };
  const { request_uri } = await (await provider.post("/par", form)).json();
  return `/authorize?${new URLSearchParams({ client_id: "shop", request_uri })}`;
}

Deno.test("a sign-in form that is older than its interaction signs in and continues to the client", async () => {
  await using provider = await aProvider({ clients });
  const browser = provider.browser();
  const page = await ask(provider, { browser, parameters: { state: "kept" } });
  provider.clock.advance(lifetime + 1);
  const landing = await submitLogin(browser, page);
  assertEquals(outcomeOf(landing), "code");
  assertEquals(landing.url.searchParams.get("state"), "kept");
  assertEquals((await provider.exchange(codeAt(landing))).status, 200);
  assertEquals(browser.cookies.has(cookie), false);
});

Deno.test("every page that waits for a sign-in is shown again after its interaction has ended", async () => {
  await using provider = await aProvider({ clients, config: { signUp: "open" } });
  for (const path of ["/login", "/magic-link", "/sign-up", "/login/help", "/authorize/resume"]) {
    const browser = provider.browser();
    const page = await ask(provider, { browser });
    provider.clock.advance(lifetime + 1);
    const again = await browser.open(path + page.url.search);
    assertEquals(again.response.status, 200, path);
    const login = await browser.open(address(page));
    assertEquals(outcomeOf(await submitLogin(browser, login)), "code", path);
  }
});

Deno.test("a consent page that is older than its interaction asks once more, and goes on", async () => {
  await using provider = await aProvider({ clients });
  const browser = provider.browser();
  const consent = await submitLogin(browser, await ask(provider, { browser, client: "desk" }));
  provider.clock.advance(lifetime + 1);
  const again = await browser.submit(consent, { decision: "allow" });
  assertEquals(outcomeOf(again), "code");
});

Deno.test("the sign-in for a page of the account goes on after a wrong password and a long break", async () => {
  await using provider = await aProvider();
  const browser = provider.browser();
  const page = await browser.open("/account/sessions");
  provider.clock.advance(lifetime + 1);
  const wrong = await submitLogin(browser, page, { ...alice, password: "no" });
  assertEquals([wrong.url.pathname, wrong.response.status], ["/login", 401]);
  provider.clock.advance(lifetime + 1);
  assertEquals((await browser.open(address(wrong))).response.status, 200);
  assertEquals((await submitLogin(browser, wrong)).url.pathname, "/account/sessions");
});

Deno.test("a request that was carried too long leads to a page with a link that leads on", async () => {
  await using provider = await aProvider({ clients });
  const browser = provider.browser();
  const page = await ask(provider, { browser });
  // Restoring a request does not make it last longer.
  for (let spent = 0; spent < carriedLifetime; spent += lifetime) {
    provider.clock.advance(lifetime);
    await browser.open(address(page));
  }
  provider.clock.advance(lifetime);
  const late = await submitLogin(browser, page);
  assertEquals(outcomeOf(late), "page invalid_request");
  assertStringIncludes(late.body, 'href="/account"');
});

Deno.test("a restored request contains nothing about who had signed in for it", async () => {
  await using provider = await aProvider({ clients });
  const browser = provider.browser();
  const wants = { prompt: "login" };
  const consent = await submitLogin(
    browser,
    await ask(provider, { browser, client: "desk", parameters: wants }),
  );
  assertEquals(outcomeOf(consent), "consent");
  provider.clock.advance(lifetime + 1);
  assertEquals(outcomeOf(await browser.submit(consent, { decision: "allow" })), "login");
});

Deno.test("a pushed request that is restored is used once, however long its cookie was kept", async () => {
  const rows = [
    [lifetime + 1, 0],
    [lifetime + 1, carriedLifetime - 60],
    [0, lifetime],
    [0, carriedLifetime + lifetime - 60],
  ] as const;
  for (const [before, wait] of rows) {
    await using provider = await aProvider({ clients });
    const browser = provider.browser();
    const page = await browser.open(await pushedUrl(provider));
    const copy = copyOf(provider, browser);
    provider.clock.advance(before);
    const first = await submitLogin(browser, page);
    assertEquals(outcomeOf(first), "code");
    assertEquals((await provider.exchange(codeAt(first))).status, 200);
    provider.clock.advance(wait);
    const second = await submitLogin(copy, page);
    assert(outcomeOf(second).startsWith("page invalid_request"), String(wait));
    provider.clock.advance(lifetime - 1);
    const third = await copy.open(`/authorize/resume${page.url.search}`);
    assert(outcomeOf(third).startsWith("page invalid_request"), String(wait));
  }
});

Deno.test("only the browser of a request can restore it, and nobody can change it", async () => {
  await using provider = await aProvider({ clients });
  const browser = provider.browser();
  const page = await ask(provider, { browser });
  const sealed = browser.cookies.get(cookie) ?? "";
  const other = provider.browser();
  const others = await ask(provider, { browser: other });
  provider.clock.advance(lifetime + 1);
  const flipped = `${sealed.slice(0, -2)}${sealed.endsWith("A") ? "B" : "A"}${sealed.at(-1)}`;
  const attacks: [string, Browser, string | null, string][] = [
    ["another browser's cookie", other, sealed, address(page)],
    ["another browser's interaction", other, other.cookies.get(cookie) ?? "", address(page)],
    ["no cookie", browser, null, address(page)],
    ["a changed cookie", browser, flipped, address(page)],
    ["a cut cookie", browser, sealed.slice(0, 40), address(page)],
    ["text", browser, "[]", address(page)],
    ["another's sealed cookie", browser, other.cookies.get(cookie) ?? "", address(others)],
    ["another id", browser, sealed, `/login?interaction=${"A".repeat(22)}`],
  ];
  for (const [what, who, value, url] of attacks) {
    const attacker = copyOf(provider, who);
    if (value === null) attacker.cookies.delete(cookie);
    else attacker.cookies.set(cookie, value);
    assertEquals(outcomeOf(await attacker.open(url)), "page invalid_request", what);
  }
  assertEquals(
    (await provider.backend.list({ prefix: ["interactions"] }, { limit: 9 })).entries
      .length <= 2,
    true,
  );
  assertEquals(outcomeOf(await submitLogin(browser, page)), "code");
});

Deno.test("a restored request is checked against the client as it is registered now", async () => {
  await using provider = await aProvider({ clients });
  const browser = provider.browser();
  const page = await ask(provider, { browser });
  provider.clock.advance(lifetime + 1);
  const { entries } = await provider.backend.list({ prefix: ["clients"] }, { limit: 9 });
  const shop = entries.find(({ key }) => key[1] === "shop");
  await provider.backend.commit({
    checks: [],
    mutations: [{ type: "delete", key: shop?.key ?? [] }],
  });
  assertEquals(outcomeOf(await provider.browser().open(address(page))), "page invalid_request");
  assert(outcomeOf(await submitLogin(browser, page)).startsWith("page invalid_"));
});

Deno.test("a request from before a restored backup is not restored", async () => {
  await using provider = await aProvider({ clients });
  const browser = provider.browser();
  const page = await ask(provider, { browser });
  provider.clock.advance(lifetime + 1);
  await raiseEpoch(provider.deps);
  assertEquals(outcomeOf(await submitLogin(browser, page)), "page invalid_request");
});

Deno.test("a browser carries its newest requests, in a cookie of bounded size", async () => {
  await using provider = await aProvider({ clients });
  const browser = provider.browser();
  const pages: Landing[] = [];
  for (let n = 0; n < 12; n++) {
    pages.push(await ask(provider, { browser, parameters: { state: `${n} ${"s".repeat(200)}` } }));
    assert((browser.cookies.get(cookie)?.length ?? 0) <= 2_400);
  }
  const long = await ask(provider, { browser, parameters: { state: "s".repeat(3000) } });
  provider.clock.advance(lifetime + 1);
  assertEquals(outcomeOf(await browser.open(address(pages.at(-1)!))), "login");
  assertEquals(outcomeOf(await browser.open(address(pages[0]!))), "page invalid_request");
  assertEquals(outcomeOf(await browser.open(address(long))), "page invalid_request");
});

Deno.test("restoring a request counts as asking for another", async () => {
  const limits = { ...defaultConfig.limits, authorize: { count: 2, seconds: 60 } };
  await using provider = await aProvider({ clients, config: { rateLimits: true, limits } });
  const browser = provider.browser();
  const pages = [await ask(provider, { browser }), await ask(provider, { browser })];
  provider.clock.advance(lifetime + 1);
  await ask(provider);
  assertEquals((await browser.open(address(pages[0]!))).response.status, 200);
  assertEquals((await browser.open(address(pages[1]!))).response.status, 429);
});

Deno.test("50 concurrent posts of one old form restore one interaction, and sign in", async () => {
  await using provider = await aProvider({ clients });
  const browser = provider.browser();
  const page = await ask(provider, { browser });
  provider.clock.advance(lifetime + 1);
  const { action, hidden } = formOf(page.body);
  const body = new URLSearchParams({ ...hidden, ...alice, claims: "" });
  const answers = await Promise.all(
    Array.from({ length: 50 }, () => browser.send(action, { method: "POST", body })),
  );
  for (const answer of answers) {
    await answer.body?.cancel();
    assertEquals(answer.headers.get("location"), `/authorize/resume${page.url.search}`);
  }
  const { entries } = await provider.backend.list({ prefix: ["interactions"] }, { limit: 9 });
  assertEquals(entries.length, 1);
});

Deno.test("if ten browsers restore one pushed request at once, one gets a code", async () => {
  await using provider = await aProvider({ clients });
  const url = await pushedUrl(provider);
  const opened = await Promise.all(Array.from({ length: 10 }, async () => {
    const browser = provider.browser();
    return { browser, page: await browser.open(url) };
  }));
  provider.clock.advance(lifetime + 1);
  const ends = await Promise.all(
    opened.map(async ({ browser, page }) => outcomeOf(await submitLogin(browser, page))),
  );
  assertEquals(ends.toSorted(), ["code", ...Array(9).fill("page invalid_request_uri")]);
});

Deno.test("a link or code that is newer than the end of its request still signs in for it", async () => {
  const user = { ...alice, claims: { email: aliceAddress, email_verified: true } };
  await using provider = await aProvider({ clients, users: [user] });
  for (const way of ["link", "code"] as const) {
    const browser = provider.browser();
    const login = await ask(provider, { browser });
    provider.clock.advance(lifetime - 60);
    const request = await browser.open(`/magic-link${login.url.search}`);
    const sent = await browser.submit(request, { email: aliceAddress, way });
    provider.clock.advance(120);
    const landing = way === "link"
      ? await browser.submit(await browser.open(await newestLink(provider)), {})
      : await browser.submit(sent, { code: await newestCode(provider) });
    assertEquals(outcomeOf(landing), "code", way);
  }
});
