import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { bob, submitLogin } from "../support/authorization.ts";
import { accountBrowser, accountToken, people, postAccount } from "../support/account.ts";
import { sentMails } from "../support/mails.ts";
import { alice, aProvider } from "../support/provider.ts";

const passkeys = "/account/security/passkeys";
const app = "/account/security/authenticator-app";
const password = "/account/security/password";
const profile = "/account/profile";

/** Forms that are not accepted: where they are sent, what they hold, where the page is, its status. */
const refused: readonly [
  action: string,
  fields: Record<string, string>,
  page: string,
  status: number,
][] = [
  [password, { current_password: "wrong", password: "p" }, password, 400],
  [
    password,
    { current_password: "wrong", password: "a-long-new-one", password_repeat: "a-long-new-one" },
    password,
    401,
  ],
  [app, {}, app, 400],
  [app, { code: "000000" }, app, 400],
  [passkeys, { credential: "none" }, passkeys, 400],
  [profile, { picture: "no address" }, profile, 400],
  [profile, { nickname: "Al", version: "an older one" }, profile, 409],
  [`${profile}/email`, { email: "none" }, profile, 400],
  ["/account/applications/withdraw", { client: "nobody" }, "/account/applications", 404],
  ["/account/sessions/end", { session: "A".repeat(22) }, "/account/sessions", 404],
  ["/account/data/delete", { username: "bob" }, "/account/data/delete", 400],
];

for (const [action, fields, page, status] of refused) {
  Deno.test(`a form that ${action} refuses for ${Object.keys(fields)} is answered at a GET, once`, async () => {
    await using provider = await aProvider({ users: people });
    const browser = await accountBrowser(provider);
    if (page === app) await browser.open(app); // it shows a new key, which waits for its first code
    const body = new URLSearchParams({ form_token: await accountToken(browser), ...fields });
    const response = await browser.send(action, { method: "POST", body });
    await response.body?.cancel();
    assertEquals([response.status, response.headers.get("location")], [303, page]);
    const shown = await browser.open(page);
    assertEquals(shown.response.status, status);
    assert(/error-summary|class="notice/.test(shown.body), shown.body);
    assertEquals((await browser.open(page)).response.status, 200);
  });
}

Deno.test("the typed values of a rejected profile are shown again, only to the same session", async () => {
  await using provider = await aProvider({ users: people });
  const browser = await accountBrowser(provider);
  const typed = { name: "Alice Secret", picture: "no address" };
  assertStringIncludes((await postAccount(browser, profile, typed)).body, "Alice Secret");

  const form_token = await accountToken(browser);
  const body = new URLSearchParams({ form_token, ...typed });
  await (await browser.send(profile, { method: "POST", body })).body?.cancel();
  // Without its session the browser is somebody else's, who signs in there.
  browser.cookies.delete("__Host-latchkey_session");
  const other = await submitLogin(browser, await browser.open(profile), bob);
  assertEquals([other.url.pathname, other.response.status], [profile, 200]);
  assert(!other.body.includes("Alice Secret"));
});

Deno.test("a reload after a changed address changes nothing and says it again", async () => {
  await using provider = await aProvider({ users: [alice] });
  const browser = await accountBrowser(provider);
  await postAccount(browser, `${profile}/email`, { email: "new@example.com" });
  const mails = await sentMails(provider);
  const text = mails.map((mail) => mail.text).join();
  const link = /\/account\/email\/confirm\?token=[\w.-]+/.exec(text)?.[0] ?? "";
  const done = await browser.submit(await browser.open(link), {});
  assertEquals([done.url.pathname, done.response.status], ["/account/email/confirm/done", 200]);
  const reloaded = await browser.open(done.url.pathname);
  assertStringIncludes(reloaded.body, "new@example.com");
  const elsewhere = await provider.browser().open(done.url.pathname);
  assert(!elsewhere.body.includes("new@example.com"));
});
