import { assertEquals } from "@std/assert";
import { bob, outcomeOf, sessionCookie, submitLogin } from "../support/authorization.ts";
import { type Browser, formOf } from "../support/browser.ts";
import { carriedLifetime } from "../../src/interactions/carried.ts";
import { alice, aProvider, type TestProvider } from "../support/provider.ts";

async function interactionsOf(provider: TestProvider) {
  return (await provider.backend.list({ prefix: ["interactions"] }, { limit: 100 })).entries;
}

function idOf(url: URL): string {
  return url.searchParams.get("interaction") ?? "";
}

Deno.test("opening an account page without a session stores no record", async () => {
  await using provider = await aProvider({ config: { signUp: "open" } });
  for (const path of ["/account", "/account/security", "/account/sessions", "/account/data"]) {
    const browser = provider.browser();
    const page = await browser.open(path);
    assertEquals(page.url.pathname, "/login");
    const query = `?interaction=${idOf(page.url)}`;
    for (const other of ["/magic-link", "/sign-up", "/login/help", "/login/second-factor"]) {
      assertEquals((await browser.open(other + query)).response.status, 200, other);
    }
    assertEquals((await browser.open(`/authorize/resume${query}`)).url.pathname, "/login");
  }
  assertEquals(await interactionsOf(provider), []);
});

Deno.test("a sign-in for an account page ends at that page, with whichever form it begins", async () => {
  await using provider = await aProvider();
  const browser = provider.browser();
  const page = await browser.open("/account/sessions");
  const landed = await submitLogin(browser, page);
  assertEquals(landed.url.pathname, "/account/sessions");
  assertEquals((await interactionsOf(provider)).length, 1);
  // A second click repeats it, as with any sign-in.
  assertEquals((await submitLogin(browser, page)).url.pathname, "/account/sessions");
  assertEquals((await interactionsOf(provider)).length, 1);
});

Deno.test("wrong passwords at an account page count as guesses of one sign-in", async () => {
  await using provider = await aProvider();
  const browser = provider.browser();
  let page = await browser.open("/account");
  for (let n = 0; n < 3; n++) {
    page = await submitLogin(browser, page, { ...alice, password: "no" });
    assertEquals(page.response.status, 401);
  }
  assertEquals((await submitLogin(browser, page)).url.pathname, "/account");
  assertEquals((await interactionsOf(provider)).length, 1);
});

Deno.test("the interaction of an account page is refused if it was changed, is another browser's, or is too old", async () => {
  await using provider = await aProvider({ lifetimes: { interaction: 600 } });
  const browser = provider.browser();
  const page = await browser.open("/account");
  const id = idOf(page.url);
  const [own = "", payload = "", mac = ""] = id.split(".");
  const elsewhere = btoa(JSON.stringify(["//evil.example", null, 4_000_000_000, "x"]))
    .replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
  const other = provider.browser();
  await other.open("/account");
  const rows: [string, Browser, string, number][] = [
    ["as it is", browser, id, 200],
    ["another page", browser, `${own}.${elsewhere}.${mac}`, 400],
    ["another MAC", browser, `${own}.${payload}.${"A".repeat(43)}`, 400],
    ["no MAC", browser, `${own}.${payload}`, 400],
    ["a longer payload", browser, `${own}.${"A".repeat(500)}.${mac}`, 400],
    ["another browser", other, id, 400],
    ["a browser without cookies", provider.browser(), id, 400],
  ];
  for (const [what, where, interaction, status] of rows) {
    const { response } = await where.open(`/login?interaction=${interaction}`);
    assertEquals(response.status, status, what);
  }
  // With its form token too it is another browser's.
  const { action, hidden } = formOf(page.body);
  const posted = await other.send(action, {
    method: "POST",
    body: new URLSearchParams({ ...hidden, username: "alice", password: alice.password }),
  });
  assertEquals(posted.status, 400);
  assertEquals(sessionCookie(other), undefined);
  provider.clock.advance(600 + carriedLifetime);
  assertEquals((await browser.open(`/login?interaction=${id}`)).response.status, 400);
  assertEquals((await submitLogin(browser, page)).response.status, 400);
  assertEquals(await interactionsOf(provider), []);
});

Deno.test("50 concurrent posts of one form store one interaction, and the sign-in continues", async () => {
  await using provider = await aProvider();
  const browser = provider.browser();
  const page = await browser.open("/account");
  const answers = await Promise.all(Array.from({ length: 50 }, () => submitLogin(browser, page)));
  assertEquals(answers.some(({ url }) => url.pathname === "/account"), true);
  assertEquals((await interactionsOf(provider)).length, 1);
  assertEquals((await browser.open("/account")).url.pathname, "/account");
});

Deno.test("two tabs of a new browser each sign in for their own page", async () => {
  await using provider = await aProvider({ users: [alice, bob] });
  const browser = provider.browser();
  const [first, second] = await Promise.all([
    browser.open("/account/sessions"),
    browser.open("/account/data"),
  ]);
  assertEquals((await submitLogin(browser, first)).url.pathname, "/account/sessions");
  assertEquals((await submitLogin(browser, second)).url.pathname, "/account/data");
});

Deno.test("a waiting account page continues once its user has signed in in another tab", async () => {
  await using provider = await aProvider();
  const browser = provider.browser();
  const waiting = await browser.open("/account/sessions");
  assertEquals(
    outcomeOf(await submitLogin(browser, await browser.open(provider.authorizeUrl()))),
    "consent",
  );
  const landed = await browser.open(`/authorize/resume?interaction=${idOf(waiting.url)}`);
  assertEquals(landed.url.pathname, "/account/sessions");
});
