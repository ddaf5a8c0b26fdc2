import { assertEquals, assertStringIncludes } from "@std/assert";
import { decodeJwt } from "jose";
import { aTelevision, beginDevice, poll, typeCode } from "../support/devices.ts";
import {
  ask,
  bob,
  codeAt,
  continueAs,
  outcomeOf,
  signedInBrowser,
  signInAgain,
  submitLogin,
} from "../support/authorization.ts";
import type { Landing } from "../support/browser.ts";
import { aClient } from "../support/clients.ts";
import { newestLink } from "../support/mails.ts";
import { alice, aProvider, type TestProvider } from "../support/provider.ts";
import { editUser } from "../support/records.ts";
import { tokensOf } from "../support/tokens.ts";
import { sessionsOf } from "../support/mail_sign_in.ts";

const users = [alice, bob];
const other = { decision: "another_account" };

async function userAt(provider: TestProvider, landing: Landing): Promise<unknown> {
  const { id_token } = await (await provider.exchange(codeAt(landing))).json();
  return decodeJwt(id_token).sub;
}

/** Whether the page has a button for the signed-in user. */
function hasChoice({ body }: Landing): boolean {
  return body.includes('id="login-continue"');
}

Deno.test("a user with two accounts changes to the other one on the consent page", async () => {
  await using provider = await aProvider({ users });
  const browser = provider.browser();
  const asked = await submitLogin(browser, await ask(provider, { browser }), alice);
  assertEquals(outcomeOf(asked), "consent");

  const login = await browser.submit(asked, other);
  assertEquals(outcomeOf(login), "login");
  assertStringIncludes(login.body, "Continue as <bdi");
  assertStringIncludes(login.body, "<details open");
  // Nothing has ended, and a reload shows the same page.
  assertEquals(await sessionsOf(provider), 1);
  assertEquals(outcomeOf(await browser.open(login.url.pathname + login.url.search)), "login");

  const again = await submitLogin(browser, login, bob);
  assertStringIncludes(again.body, "bob");
  const allowed = await browser.submit(again, { decision: "allow" });
  assertEquals(await userAt(provider, allowed), (await provider.userOf("bob")).userId);
});

Deno.test("a user who asked for another account can still continue with the first one", async () => {
  await using provider = await aProvider({ users });
  const browser = provider.browser();
  const asked = await submitLogin(browser, await ask(provider, { browser }), alice);
  const login = await browser.submit(asked, other);

  const back = await continueAs(browser, login);
  assertEquals(outcomeOf(back), "consent");
  const allowed = await browser.submit(back, { decision: "allow" });
  assertEquals(await userAt(provider, allowed), (await provider.userOf("alice")).userId);
});

Deno.test("the other account may be reached by mail", async () => {
  await using provider = await aProvider({
    users: [alice, { ...bob, claims: { email: "bob@example.com", email_verified: true } }],
  });
  const browser = provider.browser();
  const asked = await submitLogin(browser, await ask(provider, { browser }), alice);
  const login = await browser.submit(asked, other);
  const { search } = login.url;
  const sent = await browser.submit(await browser.open(`/magic-link${search}`), {
    email: "bob@example.com",
    way: "link",
  });
  assertEquals(outcomeOf(sent), "magic-link/sent");

  const link = await newestLink(provider);
  const again = await browser.submit(await browser.open(link), {});
  // A link that was used is none to another account.
  const choose = await browser.submit(again, other);
  assertEquals((await browser.open(link)).response.status, 400);
  const allowed = await browser.submit(await continueAs(browser, choose), { decision: "allow" });
  assertEquals(await userAt(provider, allowed), (await provider.userOf("bob")).userId);
});

Deno.test("a user in none of a client's groups changes to an account that is", async () => {
  const inner = aClient("inner", { allowed_groups: ["staff"] });
  await using provider = await aProvider({ clients: [inner], users });
  await editUser(provider, "bob", { groups: ["staff"] });
  const browser = provider.browser();
  const refused = await submitLogin(
    browser,
    await ask(provider, { browser, client: "inner" }),
    alice,
  );
  assertStringIncludes(refused.body, "You may not use");

  const login = await browser.submit(refused, other);
  assertEquals(outcomeOf(login), "login");
  const asked = await submitLogin(browser, login, bob);
  assertEquals(outcomeOf(await browser.submit(asked, { decision: "allow" })), "code");
});

Deno.test("a user changes to another account on the page about a device", async () => {
  await using provider = await aProvider({ clients: [aTelevision()], users });
  const begun = await beginDevice(provider);
  const browser = provider.browser();
  const asked = await typeCode(browser, begun.user_code);
  assertStringIncludes(asked.body, 'value="another_account"');

  const again = await submitLogin(browser, await browser.submit(asked, other), bob);
  const done = await browser.submit(again, { decision: "allow" });
  assertStringIncludes(done.body, "Your device is connected");
  const tokens = await tokensOf(await poll(provider, begun.device_code));
  assertEquals(decodeJwt(tokens.id_token).sub, (await provider.userOf("bob")).userId);
});

Deno.test("an answer that was sent twice, or after the request was answered, does not start anew", async () => {
  await using provider = await aProvider({ users });
  const browser = provider.browser();
  const asked = await submitLogin(browser, await ask(provider, { browser }), alice);
  assertEquals(outcomeOf(await browser.submit(asked, other)), "login");
  assertEquals(outcomeOf(await browser.submit(asked, other)), "login");
  await browser.submit(asked, { decision: "deny" });
  const login = await browser.open(`/login${asked.url.search}`);
  assertEquals(outcomeOf(login), "login");

  await browser.submit(await continueAs(browser, login), { decision: "allow" });
  const late = await browser.submit(asked, other);
  assertEquals(outcomeOf(late), "code", "the request was answered: the browser repeats its answer");
});

Deno.test("a user who could only sign in again is offered no choice to continue", async () => {
  await using provider = await aProvider({ users });
  for (const prompt of ["consent", "consent select_account", "consent login"]) {
    const browser = provider.browser();
    const parameters = { prompt, max_age: "0" };
    const asked = await submitLogin(browser, await ask(provider, { browser, parameters }), alice);
    const login = await browser.submit(asked, other);
    assertEquals([outcomeOf(login), hasChoice(login)], ["login", false], prompt);
    assertEquals(outcomeOf(await submitLogin(browser, login, alice)), "consent", prompt);
  }
  // The same holds for a page that only asks which account it shall be.
  const browser = await signedInBrowser(provider);
  const parameters = { prompt: "select_account", max_age: "0" };
  const choose = await ask(provider, { browser, parameters });
  assertEquals([outcomeOf(choose), hasChoice(choose)], ["login", false]);
});

Deno.test("a user who came to create an account gets to the sign-in page with another one", async () => {
  await using provider = await aProvider({ users, config: { signUp: "open" } });
  const browser = provider.browser();
  const create = await ask(provider, { browser, parameters: { prompt: "create" } });
  assertEquals(outcomeOf(create), "sign-up");
  const asked = await submitLogin(browser, await browser.open(`/login${create.url.search}`), alice);
  assertEquals(outcomeOf(asked), "consent");

  const login = await browser.submit(asked, other);
  assertEquals([outcomeOf(login), hasChoice(login)], ["login", true]);
  assertEquals(outcomeOf(await submitLogin(browser, login, bob)), "consent");
});

Deno.test("the name of the user who asks for another account is not filled in", async () => {
  const claims = { email: "alice@example.com", email_verified: true };
  await using provider = await aProvider({ users: [{ ...alice, claims }, bob] });
  for (const [login_hint, shown] of [["ALICE", false], [claims.email, false], ["bob", true]]) {
    const browser = provider.browser();
    const parameters = { login_hint: String(login_hint), prompt: "consent" };
    const page = await ask(provider, { browser, parameters });
    assertStringIncludes(page.body, `value="${login_hint}"`);
    const login = await browser.submit(await submitLogin(browser, page, alice), other);
    assertEquals(login.body.includes(`value="${login_hint}"`), shown, String(login_hint));
  }
});

Deno.test("the other account may sign in in another tab", async () => {
  await using provider = await aProvider({ users });
  const browser = provider.browser();
  const asked = await submitLogin(browser, await ask(provider, { browser }), alice);
  const login = await browser.submit(asked, other);
  await signInAgain(provider, browser, bob);

  const again = await browser.open(login.url.pathname + login.url.search);
  assertEquals(outcomeOf(again), "consent");
  const allowed = await browser.submit(again, { decision: "allow" });
  assertEquals(await userAt(provider, allowed), (await provider.userOf("bob")).userId);
});

Deno.test("another account is not offered if the request names its one user", async () => {
  await using provider = await aProvider({ clients: [aClient("shop"), aTelevision()], users });
  const browser = provider.browser();
  const { id_token } = await tokensOf(
    await provider.exchange(await provider.authorize({ browser })),
  );
  const [alices, bobs] = await Promise.all(["alice", "bob"].map((name) => provider.userOf(name)));
  const claims = (sub: unknown) => JSON.stringify({ id_token: { sub } });
  const cases: [Record<string, string>, isOffered: boolean][] = [
    [{}, true],
    [{ id_token_hint: id_token }, false],
    [{ claims: claims({ value: alices?.userId }) }, false],
    [{ claims: claims({ values: [alices?.userId, bobs?.userId] }) }, true],
  ];
  for (const [named, isOffered] of cases) {
    const parameters = { prompt: "consent", ...named };
    const asked = await ask(provider, { browser, parameters });
    assertEquals(outcomeOf(asked), "consent");
    assertEquals(asked.body.includes('value="another_account"'), isOffered, Object.keys(named)[0]);
  }
  const begun = await beginDevice(provider, "tv", { claims: claims({ value: alices?.userId }) });
  const asked = await browser.submit(await browser.open("/device"), { user_code: begun.user_code });
  assertStringIncludes(asked.body, "device-allow");
  assertEquals(asked.body.includes('value="another_account"'), false);
});
