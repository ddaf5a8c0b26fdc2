import { assertEquals, assertStringIncludes } from "@std/assert";
import { ask, outcomeOf, sessionCookie } from "../support/authorization.ts";
import type { Browser, Landing } from "../support/browser.ts";
import type { TestProvider } from "../support/provider.ts";
import { enterCode, giveApp, secondFactorPath } from "../support/factors.ts";
import { anAdminApi } from "./api.ts";

const mara = { username: "mara", password: "quiet harbour lights" };
const own = "a very own password";

/** Where somebody gets who signs in with a password. */
async function signIn(provider: TestProvider, password: string) {
  const browser = provider.browser();
  const page = await ask(provider, { browser });
  const landing = await browser.submit(page, { username: mara.username, password });
  return { browser, landing };
}

function choose(browser: Browser, page: Landing, password: string) {
  return browser.submit(page, { password, password_repeat: password });
}

Deno.test("with a password set by an administrator, a user can only choose a new password", async () => {
  await using api = await anAdminApi();
  const { provider } = api;
  const created = await api.post("/users", mara);
  assertEquals(created.body.must_change_password, true);

  const { browser, landing } = await signIn(provider, mara.password);
  assertEquals(landing.url.pathname, "/password-reset/confirm");
  assertEquals(sessionCookie(browser), undefined);
  const same = await choose(browser, landing, mara.password);
  assertStringIncludes(same.body, "the one that you were given");
  const done = await choose(browser, landing, own);
  assertEquals(outcomeOf(done), "consent");
  assertEquals(outcomeOf(await browser.submit(done, { decision: "allow" })), "code");
  // The link is spent, and the administrator's password is dead.
  assertEquals(
    (await browser.open(landing.url.pathname + landing.url.search)).response.status,
    400,
  );
  assertEquals((await signIn(provider, mara.password)).landing.response.status, 401);
  assertEquals(outcomeOf((await signIn(provider, own)).landing), "code");
  assertEquals((await api.get(`/users/${created.body.id}`)).body.must_change_password, false);
});

Deno.test("after the change of a given password, the second factor is required and the application continues", async () => {
  await using api = await anAdminApi();
  const { provider } = api;
  await api.post("/users", mara);
  const app = await giveApp(provider, mara.username);
  const { browser, landing } = await signIn(provider, mara.password);
  const short = await choose(browser, landing, "short");
  assertEquals(short.response.status, 400);
  const second = await choose(browser, short, own);
  assertEquals(second.url.pathname, secondFactorPath);
  const consent = await enterCode(browser, second, app.code());
  assertEquals(outcomeOf(consent), "consent");
});

Deno.test("a changed password signs in nobody if its request was another browser's or took too long", async () => {
  await using api = await anAdminApi();
  const { provider } = api;
  await api.post("/users", mara);
  const { browser, landing } = await signIn(provider, mara.password);
  const other = provider.browser();
  const there = await other.open(landing.url.pathname + landing.url.search);
  const done = await choose(other, there, own);
  assertEquals(done.url.pathname, "/password-reset/done");
  assertEquals(sessionCookie(other), undefined);
  assertEquals(sessionCookie(browser), undefined);
  assertEquals(outcomeOf(await ask(provider, { browser: other })), "login");
});

Deno.test("a password set later must be changed too, and the token for the change ends with the next change", async () => {
  await using api = await anAdminApi();
  const { provider } = api;
  const { body: { id } } = await api.post("/users", { username: mara.username });
  await api.patch(`/users/${id}`, { password: mara.password });
  const first = await signIn(provider, mara.password);
  await api.patch(`/users/${id}`, { password: "another quiet harbour" });
  const late = await choose(first.browser, first.landing, own);
  assertEquals(late.response.status, 400);
  const again = await signIn(provider, "another quiet harbour");
  provider.clock.advance(600);
  assertEquals((await choose(again.browser, again.landing, own)).response.status, 400);
  // Whoever has nothing changed but a name keeps what they have to change.
  await api.renewToken();
  await api.patch(`/users/${id}`, { claims: { nickname: "M" } });
  assertEquals((await api.get(`/users/${id}`)).body.must_change_password, true);
});

Deno.test("one of 20 concurrent choices with one link sets the password", async () => {
  await using api = await anAdminApi();
  await api.post("/users", mara);
  const { browser, landing } = await signIn(api.provider, mara.password);
  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, n) => choose(browser, landing, `${own} ${n}`)),
  );
  assertEquals(answers.filter((landing) => outcomeOf(landing) === "consent").length, 1);
});

Deno.test("in development the password of an API user stays, for tests of applications", async () => {
  await using api = await anAdminApi({ config: { environment: "development" } });
  await api.post("/users", mara);
  assertEquals(outcomeOf((await signIn(api.provider, mara.password)).landing), "consent");
});
