import { assert, assertEquals, assertStringIncludes } from "@std/assert";

import { wingsOf } from "../../routes/browser_app.ts";
import { strings } from "../../src/language/languages.ts";
import { supportedLanguages } from "../../src/language/supported_languages.ts";
import { isErrorSituation, waysOn } from "../../src/ui/error_page.tsx";
import { accountBrowser, people, postAccount } from "../support/account.ts";
import { ask, bob, outcomeOf, submitLogin } from "../support/authorization.ts";
import { type Browser, formOf, type Landing } from "../support/browser.ts";
import { aClient } from "../support/clients.ts";
import { aProvider, issuer, type TestProvider } from "../support/provider.ts";
import { inPage } from "../support/passkeys.ts";

const clients = [aClient("shop", { skip_consent: true }), aClient("desk")];
const config = { signUp: "open", environment: "development" } as const;

/** Pages that nobody stands in front of. */
const seenByNobody: readonly [path: string, why: string][] = [
  ["/session/token", "a script of an application opens it in a frame"],
  ["/dev/mail/:id", "the mail itself"],
];

/** The paths of all pages, those with an id in them filled in. */
function pagePaths({ deps }: TestProvider): string[] {
  const endpoints = wingsOf({ ...deps, config: { ...deps.config, ...config } })
    .flatMap((wing) => wing.endpoints);
  const paths = endpoints
    .filter(({ kind, methods, isSafe }) => kind === "page" && methods.includes("GET") && !isSafe)
    .map(({ path }) => path)
    .filter((path) => !seenByNobody.some(([other]) => other === path));
  return [...new Set(paths)].map((path) => path.replace(/:passkey\{.*?\}\}/, "A".repeat(43)));
}

/** The links within the page, and whether a form can be sent. */
function waysOf(body: string): { links: string[]; isForm: boolean } {
  const [, main = ""] = /<main\b[^>]*>([\s\S]*)<\/main>/.exec(body) ?? [];
  const [nav = ""] = /<nav class="account-nav"[\s\S]*?<\/nav>/.exec(body) ?? [];
  const links = [...(nav + main).matchAll(/<a\b[^>]*\bhref="([^"#][^"]*)"/g)]
    .map(([, href = ""]) => href.replaceAll("&amp;", "&"));
  return { links, isForm: /<form\b[\s\S]*?<button type="submit"/.test(main) };
}

Deno.test("every page has a link that leads on, with any user and any URL", async () => {
  await using provider = await aProvider({ clients, users: people, config });
  const queries: Record<string, (browser: Browser) => Promise<string>> = {
    "nothing": () => Promise.resolve(""),
    "a pending request": async (browser) => {
      const page = await ask(provider, {
        browser,
        client: "desk",
        parameters: { prompt: "login" },
      });
      return page.url.search;
    },
    "a request that is unknown": () => Promise.resolve(`?interaction=${"A".repeat(22)}`),
    "a request of another browser": async () => (await ask(provider)).url.search,
    "a link that is unknown": () => Promise.resolve(`?token=${"A".repeat(43)}`),
  };
  const browsers: Record<string, () => Promise<Browser>> = {
    "a stranger": () => Promise.resolve(provider.browser()),
    "somebody who is signed in": () => accountBrowser(provider),
  };
  const opened = new Map<string, string>();
  for (const [who, browserOf] of Object.entries(browsers)) {
    for (const [what, queryOf] of Object.entries(queries)) {
      const browser = await browserOf();
      const query = await queryOf(browser);
      for (const path of pagePaths(provider)) {
        const landing = await browser.open(path + query);
        if (landing.url.origin !== issuer) continue; // at the application
        const where = `${path} with ${what}, for ${who}: ${landing.response.status}`;
        const { links, isForm } = waysOf(landing.body);
        assert(isForm || links.length > 0, `${where}\n${landing.body}`);
        for (const link of links) opened.set(link, where);
      }
    }
  }
  const visitor = await accountBrowser(provider);
  for (const [link, where] of opened) {
    if (!link.startsWith("/")) continue;
    const { response } = await visitor.open(link);
    assert(
      response.status < 404 || response.status === 409,
      `${where}: ${link} ${response.status}`,
    );
  }
});

Deno.test("a finished request, in every page that was open for it, leads to the application", async () => {
  await using provider = await aProvider({ clients });
  const browser = provider.browser();
  const page = await ask(provider, { browser });
  await submitLogin(browser, page);
  provider.clock.advance(61);
  const paths = ["/login", "/login/help", "/login/second-factor", "/magic-link", "/consent"];
  for (const path of [...paths, "/password-reset", "/authorize/resume"]) {
    const { body } = await browser.open(path + page.url.search);
    assert(waysOf(body).links.includes("https://shop.example/"), path);
  }
});

Deno.test("every error page has a link that leads on, in every language", () => {
  for (const language of supportedLanguages) {
    for (const situation of Object.keys(strings(language).error.situations)) {
      if (!isErrorSituation(situation)) throw new Error(situation);
      const ways = waysOn(language, situation);
      assert(ways.length > 0 && ways.every(({ label }) => label !== ""), situation);
    }
  }
});

/** Posts a page's form with another token, as a browser does that says where the form was. */
async function postOldForm(browser: Browser, page: Landing, fields: Record<string, string> = {}) {
  const { action, hidden } = formOf(page.body);
  const body = new URLSearchParams({ ...hidden, ...fields, form_token: "old" });
  const headers = { referer: page.url.href };
  return await browser.send(action, { method: "POST", body, headers });
}

Deno.test("a form with an old token is answered by its own page, which says so once", async () => {
  await using provider = await aProvider({ clients, users: people, config: { signUp: "open" } });
  const inside = await accountBrowser(provider);
  const outside = provider.browser();
  const login = await ask(provider, { browser: outside });
  const pages: [Browser, Landing][] = [
    [outside, login],
    [outside, await outside.open(`/magic-link${login.url.search}`)],
    [outside, await outside.open(`/sign-up${login.url.search}`)],
    [outside, await outside.open("/password-reset")],
    [inside, await inside.open("/account/profile")],
    [inside, await inside.open("/account/security/password")],
    [inside, await inside.open("/account/data/delete")],
    [inside, await ask(provider, { browser: inside, client: "desk" })],
  ];
  for (const [browser, page] of pages) {
    const address = page.url.pathname + page.url.search;
    const answer = await postOldForm(browser, page);
    await answer.body?.cancel();
    assertEquals([answer.status, answer.headers.get("location")], [303, address]);
    const shown = await browser.open(address);
    assertEquals(shown.response.status, 400, address);
    assertStringIncludes(shown.body, inPage(strings("en").common.formRefused.outdated));
    const again = await browser.open(address);
    assertEquals(again.response.status, 200, address);
    assert(!again.body.includes('id="error-summary"'), address);
  }
  assertEquals(outcomeOf(await submitLogin(outside, await outside.open(login.url.href))), "code");
});

Deno.test("an account form that another user opened is shown anew and changes nothing", async () => {
  await using provider = await aProvider({ users: people });
  const browser = await accountBrowser(provider);
  const page = await browser.open("/account/profile");
  browser.cookies.delete("__Host-latchkey_session");
  await accountBrowser(provider, bob, browser);
  const { hidden } = formOf(page.body);
  const answer = await browser.send("/account/profile", {
    method: "POST",
    body: new URLSearchParams({ ...hidden, nickname: "Ally" }),
    headers: { referer: page.url.href },
  });
  await answer.body?.cancel();
  assertEquals(answer.headers.get("location"), "/account/profile");
  assertEquals((await provider.userOf("bob")).user.claims.nickname, undefined);
  await postAccount(browser, "/account/profile", { nickname: "Bobby" });
});

Deno.test("a refused form leads to no other site, whatever its headers say", async () => {
  await using provider = await aProvider({ clients });
  const browser = provider.browser();
  const page = await ask(provider, { browser });
  const rows: [referer: string | null, location: string | null][] = [
    [null, null],
    ["https://evil.example/login", null],
    ["nonsense", null],
    [`${issuer}.evil.example/`, null],
    [`${issuer}//evil.example/x?y`, "/evil.example/x?y"],
    [`${issuer}///evil.example`, "/evil.example"],
    [`${issuer}/\\evil.example`, "/evil.example"],
  ];
  const { action, hidden } = formOf(page.body);
  const body = () => new URLSearchParams({ ...hidden, form_token: "old" });
  for (const [referer, location] of rows) {
    const headers = referer === null ? undefined : { referer };
    const answer = await browser.send(action, {
      method: "POST",
      body: body(),
      ...(headers === undefined ? {} : { headers }),
    });
    await answer.body?.cancel();
    assertEquals(answer.headers.get("location"), location, referer ?? "none");
    assertEquals(answer.status, location === null ? 400 : 303);
  }
  const foreign = { origin: "https://evil.example", referer: page.url.href };
  const answer = await browser.send(action, { method: "POST", body: body(), headers: foreign });
  await answer.body?.cancel();
  assertEquals([answer.status, answer.headers.get("location")], [400, null]);
});
