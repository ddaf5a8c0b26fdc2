import { assertEquals, assertStringIncludes } from "@std/assert";
import { decodeJwt } from "jose";
import { aTelevision, beginDevice, poll, typeCode } from "../support/devices.ts";
import { ask, bob, codeAt, outcomeOf, submitLogin } from "../support/authorization.ts";
import type { Browser, Landing } from "../support/browser.ts";
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

/** The form of the page that has the account of the signed-in user on a button. */
async function continueAs(browser: Browser, page: Landing): Promise<Landing> {
  const account = /name="account" value="([^"]+)"/.exec(page.body)?.[1] ?? "";
  return await browser.submit(page, { choice: "continue", account });
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

  const again = await browser.submit(await browser.open(await newestLink(provider)), {});
  const allowed = await browser.submit(again, { decision: "allow" });
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
