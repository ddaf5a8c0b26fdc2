import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { strings } from "../../src/language/languages.ts";
import { accountBrowser, rowFields } from "../support/account.ts";
import { submitLogin } from "../support/authorization.ts";
import type { Browser, Landing } from "../support/browser.ts";
import { submitTo } from "../support/factors.ts";
import { sentMails } from "../support/mails.ts";
import { inPage } from "../support/passkeys.ts";
import { alice, aProvider } from "../support/provider.ts";
import { sessionCookie } from "../support/authorization.ts";

const notice = inPage(strings("en").common.formRefused.interrupted);
const address = { email: "alice@new.example" };
const toAddress = "/account/profile/email";

/** A sign-in that was asked for again, for whoever the page names. */
async function signInAgain(browser: Browser, landing: Landing): Promise<Landing> {
  assertEquals(landing.url.pathname, "/login");
  return await submitLogin(browser, landing, alice);
}

Deno.test("a form that came when the sign-in was too long ago is said not to be accepted", async () => {
  await using provider = await aProvider();
  const browser = await accountBrowser(provider);
  const page = await browser.open("/account/profile");
  provider.clock.advance(301);

  const back = await signInAgain(browser, await submitTo(browser, page, toAddress, address));
  assertEquals([back.url.pathname, back.response.status], ["/account/profile", 200]);
  assertStringIncludes(back.body, notice);
  assertEquals(await sentMails(provider), []);

  // It is said once, and the form works now.
  assert(!(await browser.open("/account/profile")).body.includes(notice));
  const sent = await submitTo(browser, back, toAddress, address);
  assertEquals(sent.url.search, "?done=email");
  assert(!sent.body.includes(notice));
});

Deno.test("a form that came when the session had ended is said not to be accepted, after a slow sign-in too", async () => {
  await using provider = await aProvider();
  const browser = await accountBrowser(provider);
  const page = await browser.open("/account/profile");
  const elsewhere = await accountBrowser(provider);
  const sessions = await elsewhere.open("/account/sessions");
  await submitTo(elsewhere, sessions, "/account/sessions/end-others", {});
  assert(rowFields(sessions.body).length > 0 && sessionCookie(browser) !== undefined);

  const login = await submitTo(browser, page, "/account/profile", { name: "Ali" });
  provider.clock.advance(500);
  // A page that asks for the sign-in once more has not said it.
  assertEquals((await browser.open("/account/profile")).url.pathname, "/login");
  assertStringIncludes((await signInAgain(browser, login)).body, notice);
});

Deno.test("a page that asks for a sign-in by itself says nothing of a form", async () => {
  await using provider = await aProvider();
  const browser = await accountBrowser(provider);
  provider.clock.advance(301);
  const path = "/account/security/password";
  const back = await signInAgain(browser, await browser.open(path));
  assertEquals(back.url.pathname, path);
  assert(!back.body.includes(notice));
});
