import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { strings } from "../../src/language/languages.ts";
import { accountBrowser } from "../support/account.ts";
import { formOf, type Landing } from "../support/browser.ts";
import { newestLink } from "../support/mails.ts";
import { inPage } from "../support/passkeys.ts";
import { aProvider, issuer, type TestProvider } from "../support/provider.ts";

/** Sends the form of a page as a browser that keeps no cookies does. */
async function sendWithout(
  provider: TestProvider,
  page: Landing,
  origin = issuer,
): Promise<Response> {
  const { action, hidden } = formOf(page.body);
  return await provider.request(action, {
    method: "POST",
    headers: { origin, referer: page.url.href },
    body: new URLSearchParams(hidden),
  });
}

async function aResetLink(provider: TestProvider): Promise<string> {
  const browser = provider.browser();
  await browser.submit(await browser.open("/password-reset"), { username: "alice" });
  return await newestLink(provider);
}

Deno.test("a browser that keeps no cookies is told so by each form, with a link to its page", async () => {
  await using provider = await aProvider({ config: { signUp: "open" } });
  const pages = ["/password-reset", "/sign-up", "/device", await aResetLink(provider), "/account"];
  for (const path of pages) {
    const page = await provider.browser().open(path);
    const answer = await sendWithout(provider, page);
    assertEquals([answer.status, answer.headers.get("location")], [400, null], path);
    const body = await answer.text();
    assertStringIncludes(body, "Your browser sent no cookie");
    assertStringIncludes(body, `href="${page.url.pathname}`, path);
  }
});

Deno.test("a form of another site without cookies is no reason to speak of cookies", async () => {
  await using provider = await aProvider();
  const page = await provider.browser().open("/password-reset");
  const answer = await sendWithout(provider, page, "https://evil.example");
  assertEquals(answer.status, 400);
  assertStringIncludes(await answer.text(), "We could not accept this form");
});

Deno.test("a browser that was closed meanwhile keeps cookies, and gets its page with a new form", async () => {
  await using provider = await aProvider();
  const browser = await accountBrowser(provider);
  const page = await browser.open("/account/profile");
  browser.cookies.delete("__Host-latchkey_browser");
  assert(browser.cookies.size > 0);

  const { action, hidden } = formOf(page.body);
  const headers = { referer: page.url.href };
  const body = new URLSearchParams(hidden);
  const again = await browser.open(action, { method: "POST", headers, body });
  assertEquals(again.url.pathname, "/account/profile");
  assertStringIncludes(again.body, inPage(strings("en").common.formRefused.outdated));
  assert(browser.cookies.has("__Host-latchkey_browser"));
});
