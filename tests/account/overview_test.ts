import { assertEquals, assertStringIncludes } from "@std/assert";
import { accountBrowser } from "../support/account.ts";
import { bob, isSignedIn, sessionCookie, submitLogin } from "../support/authorization.ts";
import { giveRecoveryCodes } from "../support/factors.ts";
import { alice, aProvider } from "../support/provider.ts";
import { editUser } from "../support/records.ts";

Deno.test("opening the account requires a sign-in, and returns to the account", async () => {
  await using provider = await aProvider();
  const browser = provider.browser();
  const login = await browser.open("/account");
  assertEquals(login.url.pathname, "/login");
  assertStringIncludes(login.body, "to continue to your account");
  const account = await submitLogin(browser, login);
  assertEquals([account.url.pathname, account.response.status], ["/account", 200]);
  assertStringIncludes(account.body, "Alice Adams");
  assertStringIncludes(account.body, "<title>Your account · Latchkey</title>");
  assertEquals((await browser.open("/account")).url.pathname, "/account");
});

Deno.test("a user whose name nobody sees is shown by their username", async () => {
  await using provider = await aProvider();
  const browser = await accountBrowser(provider);
  for (const name of ["", " ", "\u200b", "\u2800\ufeff"]) {
    await editUser(provider, "alice", { claims: { name } });
    const { body } = await browser.open("/logout");
    assertStringIncludes(textOf(body), "signed in here as alice.", JSON.stringify(name));
  }
});

Deno.test("the overview shows the sign-in methods and the number of recovery codes", async () => {
  await using provider = await aProvider();
  const browser = await accountBrowser(provider);
  const facts = async () => {
    const { body } = await browser.open("/account");
    const pairs = [...body.matchAll(/<dt>([^<]*)<\/dt><dd>(.*?)<\/dd>/g)];
    return Object.fromEntries(pairs.map(([, name, value = ""]) => [name, textOf(value)]));
  };
  const none = await facts();
  assertEquals(
    [none.Passkeys, none.Password, none["Authenticator app"], none["Recovery codes"]],
    ["none yet", "set up", "not set up", "none yet"],
  );
  const codes = await giveRecoveryCodes(provider);
  assertEquals((await facts())["Recovery codes"], `${codes.length} left`);
  const recoveryCodes = { digests: [], createdAt: 1 };
  await editUser(provider, "alice", { recoveryCodes });
  assertEquals((await facts())["Recovery codes"], "all used up");
});

function textOf(html: string): string {
  return html.replaceAll(/<[^>]*>/g, "").trim();
}

Deno.test("a browser cannot sign in for another browser's account request", async () => {
  await using provider = await aProvider({ users: [alice, bob] });
  const attacker = provider.browser();
  const login = await attacker.open("/account");
  const victim = provider.browser();
  const foreign = await victim.open(`${login.url.pathname}${login.url.search}`);
  assertEquals(foreign.response.status, 400);
  const posted = await submitLogin(victim, login);
  assertEquals(posted.response.status, 400);
  assertEquals(sessionCookie(victim), undefined);
  const resumed = await victim.open(`/authorize/resume${login.url.search}`);
  assertEquals(resumed.response.status, 400);
});

Deno.test("a finished sign-in for the account leads there again, and shows the signed-in user", async () => {
  await using provider = await aProvider({ users: [alice, bob] });
  const browser = provider.browser();
  const login = await browser.open("/account");
  await submitLogin(browser, login);
  const again = await browser.open(`/authorize/resume${login.url.search}`);
  assertEquals(again.url.pathname, "/account");
  // A double click renews the session. Nobody else signs in by the same page any more: it leads on.
  assertEquals((await submitLogin(browser, login)).url.pathname, "/account");
  const other = await submitLogin(browser, login, bob);
  assertEquals(other.url.pathname, "/account");
  assertStringIncludes(other.body, "Alice Adams");
  assertEquals(await isSignedIn(provider, sessionCookie(browser)), true);
});

Deno.test("a request for the account has no consent: the consent page leads to the sign-in", async () => {
  await using provider = await aProvider();
  const browser = provider.browser();
  const login = await browser.open("/account");
  const consent = await browser.open(`/consent${login.url.search}`);
  assertEquals(consent.url.href, login.url.href);
});
