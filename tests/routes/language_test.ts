import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { aProvider } from "../support/provider.ts";

Deno.test("a user chooses the language at the foot of a page, and it stays for all applications", async () => {
  await using provider = await aProvider();
  const browser = provider.browser();
  const login = await browser.open(
    provider.authorizeUrl({ parameters: { ui_locales: "en" } }),
  );
  assertStringIncludes(login.body, '<html lang="en">');
  const [, href = ""] = login.body.match(/<a href="(\?[^"]+)" lang="de"[^>]*>Deutsch</) ?? [];
  const interaction = login.url.searchParams.get("interaction");
  assertEquals(href, `?interaction=${interaction}&amp;set_language=de`);

  const german = await browser.open(`/login${href.replace("&amp;", "&")}`);
  assertEquals(german.url.href, login.url.href);
  assertStringIncludes(german.body, '<html lang="de">');
  assertStringIncludes(german.body, 'lang="en" hreflang="en" rel="nofollow">English</a>');

  // The form of the page is as good as before, and the next pages keep the language.
  const consent = await browser.submit(german, {
    username: "alice",
    password: "correct horse battery",
  });
  assertEquals(consent.url.pathname, "/consent");
  assertStringIncludes(consent.body, '<html lang="de">');
});

Deno.test("the language choice is a cookie with only the language, and the link leads to the same page", async () => {
  await using provider = await aProvider();
  const cases = [
    ["/?set_language=de", "/"],
    ["/login?interaction=a%20b&set_language=de&x=%2F", "/login?interaction=a%20b&x=%2F"],
    ["/nowhere?set_language=en&set_language=de", "/nowhere"],
  ];
  for (const [path = "", target] of cases) {
    const response = await provider.request(path);
    assertEquals(response.status, 303);
    assertEquals(response.headers.get("location"), `https://op.example${target}`);
    assertMatch(
      response.headers.get("set-cookie") ?? "",
      /^__Host-latchkey_language=(de|en); Max-Age=31536000; Path=\/; HttpOnly; Secure; SameSite=Lax$/,
    );
  }
  const elsewhere = await provider.request("https://op.example//evil.example/?set_language=de");
  assertEquals(elsewhere.headers.get("location"), "https://op.example//evil.example/");
});

Deno.test("a link on another site does not choose a language", async () => {
  await using provider = await aProvider();
  const sites = { "same-origin": true, none: true, "same-site": false, "cross-site": false };
  for (const [site, chooses] of Object.entries(sites)) {
    const headers = { "sec-fetch-site": site };
    const response = await provider.request("/?set_language=de", { headers });
    assertEquals(response.headers.get("location"), "https://op.example/", site);
    assertEquals(response.headers.get("set-cookie") !== null, chooses, site);
  }
});

Deno.test("an unknown language, and a parameter that no link spells so, is ignored and redirects nowhere", async () => {
  await using provider = await aProvider();
  for (
    const query of ["set%5Flanguage=de", "x=set_language=&set%5flanguage=de", "x.set_language=de"]
  ) {
    const response = await provider.request(`/?${query}`);
    assertEquals([response.status, response.headers.get("set-cookie")], [200, null], query);
    await response.body?.cancel();
  }
  for (const value of ["fr", "", "__proto__", "de;x", "<b>"]) {
    const response = await provider.request(`/?set_language=${encodeURIComponent(value)}`);
    assertEquals(response.status, 200, value);
    assertEquals(response.headers.get("set-cookie"), null);
    await response.body?.cancel();
    const cookie = `__Host-latchkey_language=${encodeURIComponent(value)}`;
    const page = await provider.request("/", { headers: { cookie } });
    assertStringIncludes(await page.text(), '<html lang="en">', value);
  }
});

Deno.test("the page after a form offers other languages, because it has its own URL", async () => {
  await using provider = await aProvider();
  const browser = provider.browser();
  const login = await browser.open(provider.authorizeUrl());
  const wrong = await browser.submit(login, { username: "alice", password: "wrong" });

  assertEquals(wrong.response.status, 401);
  assert(wrong.body.includes("set_language"));
  const long = await provider.request(`/?${"x".repeat(2001)}`);
  assert(!(await long.text()).includes("set_language"));
  const posted = await provider.post("/token?set_language=de", {});
  assertEquals(posted.headers.get("set-cookie"), null);
});
